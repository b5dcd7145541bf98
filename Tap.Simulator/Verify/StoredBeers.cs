using System.Globalization;
using System.Net.Http.Json;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Tap.Simulator.Verify;

/// <summary>Reads from the API what is stored of a tap, and what was set aside.</summary>
/// <param name="http">A client whose base address is the API's.</param>
/// <param name="isAdmin">Whether that client shows the admin key, without which nobody may list dead letters.</param>
internal sealed class StoredBeers(HttpClient http, bool isAdmin)
{
    /// <summary>The ids of all beers of a tap, as listed; an id that is listed twice is there twice.</summary>
    /// <exception cref="HttpRequestException">The API cannot be reached, or does not answer with a list.</exception>
    public async Task<IReadOnlyList<Guid>> ListAsync(int tapId, CancellationToken cancellationToken)
    {
        var ids = new List<Guid>();
        var address = string.Create(CultureInfo.InvariantCulture, $"/api/beers?tap={tapId}&page_size=500");
        await foreach (var page in PagesAsync(address, ListJson.Default.BeerList, cancellationToken))
        {
            ids.AddRange(page.Beers.Select(beer => beer.Id));
        }

        return ids;
    }

    /// <summary>How many messages of some taps were set aside since a time; null without the admin key.</summary>
    public async Task<int?> CountDeadLettersAsync(IEnumerable<int> tapIds, DateTimeOffset since, CancellationToken cancellationToken)
    {
        if (!isAdmin)
        {
            return null;
        }

        var taps = tapIds.Select(tapId => tapId.ToString(CultureInfo.InvariantCulture)).ToHashSet();
        var count = 0;
        var address = string.Create(CultureInfo.InvariantCulture, $"/api/dead-letters?page_size=500&after={since.ToUnixTimeMilliseconds()}-0");
        await foreach (var page in PagesAsync(address, ListJson.Default.DeadLetterList, cancellationToken))
        {
            count += page.DeadLetters.Count(letter => taps.Contains(letter.Tap));
        }

        return count;
    }

    private async IAsyncEnumerable<T> PagesAsync<T>(
        string address,
        JsonTypeInfo<T> shape,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        for (var next = address; next is not null; )
        {
            using var answer = await http.GetAsync(next, cancellationToken);
            answer.EnsureSuccessStatusCode();
            yield return await answer.Content.ReadFromJsonAsync(shape, cancellationToken)
                ?? throw new HttpRequestException("The API did not answer with a list.");
            next = NextOf(answer);
        }
    }

    // RFC 8288: <address>; rel="next"
    private static string? NextOf(HttpResponseMessage answer) =>
        answer.Headers.TryGetValues("Link", out var links)
        && links.FirstOrDefault(link => link.Contains("rel=\"next\"", StringComparison.Ordinal)) is { } link
            ? link[(link.IndexOf('<', StringComparison.Ordinal) + 1)..link.IndexOf('>', StringComparison.Ordinal)]
            : null;
}

/// <summary>A page of beers; what is not needed here is left out.</summary>
internal sealed record BeerList(IReadOnlyList<ListedBeer> Beers);

/// <summary>A beer of a page.</summary>
internal sealed record ListedBeer(Guid Id);

/// <summary>A page of dead letters.</summary>
internal sealed record DeadLetterList(IReadOnlyList<ListedDeadLetter> DeadLetters);

/// <summary>A dead letter of a page.</summary>
internal sealed record ListedDeadLetter(string Tap);

/// <summary>Serialises without reflection.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(BeerList))]
[JsonSerializable(typeof(DeadLetterList))]
internal sealed partial class ListJson : JsonSerializerContext;
