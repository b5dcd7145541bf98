using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Tap.Simulator.Evening;

/// <summary>The calls of the API that an evening needs.</summary>
/// <param name="http">A client whose base address is the API's, with the admin key.</param>
internal sealed class EveningApi(HttpClient http)
{
    private const int MaxSales = 1_000;

    /// <summary>Calibrates a tap and puts a full keg of a size on it.</summary>
    /// <exception cref="InvalidOperationException">The tap has poured before, so that what is found is not only of the evening.</exception>
    public async Task PrepareAsync(int tapId, int pulsesPerLitre, decimal kegMl, CancellationToken cancellationToken)
    {
        if (await PoursAsync(tapId, cancellationToken) > 0)
        {
            throw new InvalidOperationException($"Tap {tapId} has poured before. Choose taps that have not, with --first-tap.");
        }

        await SendAsync(
            HttpMethod.Post,
            $"/api/taps/{tapId}/calibrations",
            new JsonObject { ["pulsesPerLitre"] = pulsesPerLitre },
            cancellationToken
        );
        var keg = new JsonObject { ["beverage"] = $"Evening beer {tapId}", ["sizeMl"] = kegMl };
        var kegId = (await SendAsync(HttpMethod.Post, "/api/kegs", keg, cancellationToken)).GetProperty("id").GetString();
        await SendAsync(HttpMethod.Put, $"/api/taps/{tapId}/keg", new JsonObject { ["kegId"] = kegId }, cancellationToken);
    }

    /// <summary>How many pours of a tap are stored.</summary>
    public async Task<int> PoursAsync(int tapId, CancellationToken cancellationToken) =>
        (await GetAsync($"/api/taps/{tapId}", cancellationToken)).GetProperty("pours").GetInt32();

    /// <summary>Posts what the till tells of: a glass at each time.</summary>
    public async Task SellAsync(IEnumerable<(int TapId, EveningPour Pour)> sold, CancellationToken cancellationToken)
    {
        foreach (var sales in sold.Chunk(MaxSales))
        {
            JsonNode[] items =
            [
                .. sales.Select(sale =>
                    (JsonNode)
                        new JsonObject
                        {
                            ["time"] = Text(sale.Pour.End.AddSeconds(20)),
                            ["tapId"] = sale.TapId,
                            ["volumeMl"] = sale.Pour.NominalMl,
                            ["price"] = 4.9m,
                        }
                ),
            ];
            var answer = await SendAsync(HttpMethod.Post, "/api/sales", new JsonArray(items), cancellationToken);
            if (
                answer.GetProperty("results").EnumerateArray().FirstOrDefault(result => result.GetProperty("status").GetInt32() >= 400) is
                { ValueKind: not JsonValueKind.Undefined } refused
            )
            {
                throw new HttpRequestException($"A sale is refused: {refused}");
            }
        }
    }

    /// <summary>Reads the variance by tap.</summary>
    public async Task<Dictionary<int, JsonElement>> VarianceAsync(DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken) =>
        (await GetAsync($"/api/stats/variance?by=tap&from={Text(from)}&to={Text(to)}", cancellationToken))
            .GetProperty("rows")
            .EnumerateArray()
            .Where(row => row.GetProperty("key").ValueKind is JsonValueKind.String)
            .ToDictionary(row => int.Parse(row.GetProperty("key").GetString()!, CultureInfo.InvariantCulture));

    /// <summary>Reads what flowed at a tap and is in no pour.</summary>
    public Task<JsonElement> UnaccountedAsync(int tapId, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken) =>
        GetAsync($"/api/taps/{tapId}/unaccounted?from={Text(from)}&to={Text(to)}", cancellationToken);

    /// <summary>Accepts what is proposed for the pours of a tap.</summary>
    public Task AcceptAsync(int tapId, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Patch, "/api/beers", new JsonObject { ["tapId"] = tapId, ["proposal"] = "accept" }, cancellationToken);

    /// <summary>Calibrates a tap by a pour that was measured, from a time on.</summary>
    public Task MeasureAsync(int tapId, Guid pourId, decimal measuredMl, DateTimeOffset from, CancellationToken cancellationToken) =>
        SendAsync(
            HttpMethod.Post,
            $"/api/taps/{tapId}/calibrations",
            new JsonObject
            {
                ["pourId"] = pourId,
                ["measuredMl"] = measuredMl,
                ["validFrom"] = Text(from),
            },
            cancellationToken
        );

    private static string Text(DateTimeOffset time) => time.UtcDateTime.ToString("O", CultureInfo.InvariantCulture);

    private Task<JsonElement> GetAsync(string path, CancellationToken cancellationToken) => SendAsync(HttpMethod.Get, path, null, cancellationToken);

    private async Task<JsonElement> SendAsync(HttpMethod method, string path, JsonNode? body, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Content = body is null ? null : new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        using var answer = await http.SendAsync(request, cancellationToken);
        var text = await answer.Content.ReadAsStringAsync(cancellationToken);
        if (!answer.IsSuccessStatusCode)
        {
            throw new HttpRequestException($"{method} {path} is answered with {(int)answer.StatusCode}: {text}");
        }

        using var json = JsonDocument.Parse(text);
        return json.RootElement.Clone();
    }
}
