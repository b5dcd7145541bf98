using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Tap.Simulator.Verify;

/// <summary>Reads from the API what is stored of a tap.</summary>
/// <param name="http">A client whose base address is the API's.</param>
internal sealed class StoredBeers(HttpClient http)
{
    /// <summary>The ids of all beers of a tap, as listed; an id that is listed twice is there twice.</summary>
    /// <exception cref="HttpRequestException">The API cannot be reached, or does not answer with a list.</exception>
    public async Task<IReadOnlyList<Guid>> ListAsync(int tapId, CancellationToken cancellationToken)
    {
        var ids = new List<Guid>();
        var next = string.Create(CultureInfo.InvariantCulture, $"/api/beers?tap={tapId}&page_size=500");
        while (next is not null)
        {
            using var answer = await http.GetAsync(next, cancellationToken);
            answer.EnsureSuccessStatusCode();
            var page =
                await answer.Content.ReadFromJsonAsync(BeerListJson.Default.BeerList, cancellationToken)
                ?? throw new HttpRequestException("The API did not answer with a list of beers.");
            ids.AddRange(page.Beers.Select(beer => beer.Id));
            next = NextOf(answer);
        }

        return ids;
    }

    // RFC 8288: <address>; rel="next"
    private static string? NextOf(HttpResponseMessage answer) =>
        answer.Headers.TryGetValues("Link", out var links)
        && links.FirstOrDefault(link => link.Contains("rel=\"next\"", StringComparison.Ordinal)) is { } link
            ? link[(link.IndexOf('<', StringComparison.Ordinal) + 1)..link.IndexOf('>', StringComparison.Ordinal)]
            : null;
}

/// <summary>A page of beers; what is not needed here is left out.</summary>
/// <param name="Beers">The beers.</param>
internal sealed record BeerList(IReadOnlyList<ListedBeer> Beers);

/// <summary>A beer of a page.</summary>
/// <param name="Id">Its id.</param>
internal sealed record ListedBeer(Guid Id);

/// <summary>Serialises without reflection.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(BeerList))]
internal sealed partial class BeerListJson : JsonSerializerContext;
