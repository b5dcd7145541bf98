using System.Net.Http.Json;
using System.Text.Json;
using Testing;

namespace Tap.Simulator.Tests;

[Collection(nameof(LineCollection))]
public sealed class MeterPollTests(Line line)
{
    [Fact]
    public async Task The_API_polls_the_meters_that_a_simulator_has_registered_and_keeps_their_readings()
    {
        await using var good = line.Simulator("--taps", "0", "--meters", "4", "--register");
        await using var bad = line.Simulator("--taps", "0", "--meters", "2", "--first-meter", "101", "--register", "--meter-error", "1");
        using var api = new HttpClient { BaseAddress = new Uri(line.ApiAddress) };

        var meters = await MetersAsync(api, found => found.Count(meter => Text(meter, "id") != "000201" && IsPolled(meter)) == 6);

        meters.RemoveAll(meter => Text(meter, "id") == "000201");
        Assert.Equal(["000001", "000002", "000003", "000004", "000101", "000102"], meters.Select(meter => Text(meter, "id")));
        Assert.Equal(["rainforest", "json", "rainforest", "json", "rainforest", "json"], meters.Select(meter => Text(meter, "kind")));
        var demand = (await ReadingAsync(api, "000001")).GetProperty("Demand").GetInt32();
        Assert.InRange(demand, 1_000, 6_300);
        Assert.InRange((await ReadingAsync(api, "000002")).GetProperty("demandKw").GetDecimal(), 1, 6.3m);

        static bool IsPolled(JsonElement meter) =>
            Text(meter, "id").StartsWith("0001", StringComparison.Ordinal)
                ? meter.GetProperty("lastError").ValueKind is JsonValueKind.String && meter.GetProperty("total_events_logged").GetInt32() == 0
                : meter.GetProperty("total_events_logged").GetInt32() >= 2;
    }

    [Fact]
    public async Task A_simulator_that_comes_back_at_another_address_with_another_password_goes_on_being_polled()
    {
        using var api = new HttpClient { BaseAddress = new Uri(line.ApiAddress) };
        var polled = 0;
        for (var life = 0; life < 2; life++)
        {
            await using var simulator = line.Simulator("--taps", "0", "--meters", "1", "--first-meter", "201", "--register");
            var meters = await MetersAsync(
                api,
                found =>
                    Find(found, "000201") is { ValueKind: JsonValueKind.Object } meter
                    && meter.GetProperty("total_events_logged").GetInt32() > polled + 1
            );
            polled = Find(meters, "000201").GetProperty("total_events_logged").GetInt32();
        }
    }

    private static JsonElement Find(List<JsonElement> meters, string id) => meters.Find(meter => Text(meter, "id") == id);

    private static string Text(JsonElement meter, string name) => meter.GetProperty(name).GetString()!;

    private static async Task<JsonElement> ReadingAsync(HttpClient api, string meter) =>
        (await api.GetFromJsonAsync<JsonElement>($"/api/meters/{meter}/readings")).GetProperty("readings")[0].GetProperty("reading");

    private static Task<List<JsonElement>> MetersAsync(HttpClient api, Func<List<JsonElement>, bool> wanted) =>
        Eventually.ValueAsync(
            async () =>
            {
                var list = await api.GetFromJsonAsync<JsonElement>("/api/meters");
                var meters = list.GetProperty("meters").EnumerateArray().ToList();
                return wanted(meters) ? meters : null;
            },
            "the meters are polled",
            TimeSpan.FromSeconds(60)
        );
}
