using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Taproom.Ingest;
using Testing;

namespace Ingest.Api.Tests;

/// <summary>Pours that somebody gives to another tap, and why beers were deleted.</summary>
[Collection(nameof(ServersCollection))]
public sealed class ReassignmentTests(Servers servers)
{
    [Fact]
    public async Task A_beer_that_is_given_to_another_tap_takes_its_totals_and_its_volume_of_the_keg_with_it()
    {
        // Pours of two taps are listed in the order in which they came: one partition.
        await using var api = await Api.StartAsync(servers, ("Ingest:Partitions", "1"));
        var (pils, stout) = (await TapAsync(api, 1, "Pils"), await TapAsync(api, 2, "Stout, dry"));
        var ids = await api.PourAllAsync((1, 500), (1, 400), (2, 250));

        using var moved = await PatchAsync(api, ids[0], """{"tapId":2,"reason":"The lines were swapped","purpose":"spill"}""");
        Assert.Equal(HttpStatusCode.OK, moved.StatusCode);
        var beer = (await Api.ReadAsync(moved)).GetProperty("beer");
        Assert.Equal((2, 1), (beer.GetProperty("tapId").GetInt32(), beer.GetProperty("reportedTapId").GetInt32()));
        Assert.Equal(("The lines were swapped", "spill"), (beer.GetProperty("moveReason").GetString(), beer.GetProperty("purpose").GetString()));
        Assert.Equal([(1, 400m), (2, 750m)], await TotalsAsync(api));
        Assert.Equal((29_600m, 29_250m), (await LevelAsync(api, pils), await LevelAsync(api, stout)));
        Assert.Empty(await StoredRules.BrokenAsync(api.Settings["ConnectionStrings:taproomdb"]!));

        // Of its beverage, as the file has it too.
        Assert.Equal([ids[0], ids[2]], await IdsAsync(api, "?beverage=Stout,%20dry"));
        Assert.Equal([ids[1]], await IdsAsync(api, "?beverage=Pils&sort=-timestamp"));
        Assert.Empty(await IdsAsync(api, "?beverage=Pil%25"));
        var csv = (await api.Anonymous.GetStringAsync("/api/beers/export?format=csv&beverage=Stout,%20dry")).Split('\n');
        Assert.Equal((4, true), (csv.Length, csv[1].EndsWith(",2,spill,\"Stout, dry\"", StringComparison.Ordinal)));

        // Reported again by its own tap it is the same beer, at both front doors; by any other it is not.
        using var again = await api.PostAsync("/api/beers", $$"""{"tapId":1,"volume":500,"id":"{{ids[0]}}"}""");
        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
        await api
            .Services.GetRequiredService<IngestStream>()
            .AppendAsync(
                new IngestEntry
                {
                    Id = ids[0],
                    Kind = EntryKinds.Pour,
                    Tap = "1",
                    ReceivedAt = DateTimeOffset.UtcNow,
                    Body = """{"volume":500}"""u8.ToArray(),
                },
                CancellationToken.None
            );
        await Eventually.TrueAsync(async () => (await api.GetAsync("/api/line")).GetProperty("repeated").GetInt64() == 1, "it is a repetition");
        using var foreign = await api.PostAsync("/api/beers", $$"""{"tapId":2,"volume":500,"id":"{{ids[0]}}"}""");
        await Api.ProblemAsync(foreign, 409);

        using var back = await PatchAsync(api, ids[0], """{"tapId":1,"reason":"They were not"}""");
        var home = (await Api.ReadAsync(back)).GetProperty("beer");
        Assert.False(home.TryGetProperty("reportedTapId", out _));
        Assert.Equal((30_000m - 900, 30_000m - 250), (await LevelAsync(api, pils), await LevelAsync(api, stout)));
        using var nowhere = await PatchAsync(api, ids[0], """{"tapId":1,"reason":"It is there"}""");
        Assert.Equal(HttpStatusCode.OK, nowhere.StatusCode);
        Assert.Empty(await StoredRules.BrokenAsync(api.Settings["ConnectionStrings:taproomdb"]!));
    }

    [Fact]
    public async Task Of_many_who_move_a_beer_at_once_each_gets_a_word_and_totals_stay_right()
    {
        var api = await Api.SharedAsync(servers);
        int[] taps = [Api.NewTap(), Api.NewTap(), Api.NewTap()];
        var ids = await api.PourAllAsync((taps[0], 500), (taps[1], 400), (taps[2], 300));
        var answers = await Task.WhenAll(
            Enumerable
                .Range(0, 12)
                .Select(n => Calls.AnsweredAsync(() => PatchAsync(api, ids[n % 3], $$"""{"tapId":{{taps[(n / 3 + n) % 3]}},"reason":"Swapped"}""")))
        );
        Assert.All(answers, answer => Assert.True(answer.StatusCode is HttpStatusCode.OK or HttpStatusCode.Conflict, $"{answer.StatusCode}"));
        Assert.Empty(await StoredRules.BrokenAsync(api.Settings["ConnectionStrings:taproomdb"]!));
        Assert.Equal(1_200, (await TotalsAsync(api)).Where(tap => taps.Contains(tap.Id)).Sum(tap => tap.VolumeMl));
    }

    [Fact]
    public async Task A_beer_goes_only_to_a_tap_that_is_known_and_for_a_reason()
    {
        var api = await Api.SharedAsync(servers);
        var id = (await api.PourAllAsync((1, 500)))[0];
        foreach (
            var body in (string[])
                [
                    """{"tapId":2}""",
                    """{"tapId":0,"reason":"x"}""",
                    """{"tapId":"2","reason":"x"}""",
                    """{"tapId":2,"reason":""}""",
                    """{"reason":"x"}""",
                ]
        )
        {
            using var refused = await PatchAsync(api, id, body);
            await Api.ProblemAsync(refused, 400);
        }

        using var unknown = await PatchAsync(api, id, """{"tapId":99,"reason":"x"}""");
        Assert.Contains("Tap 99 does not exist.", (await Api.ProblemAsync(unknown, 422)).GetProperty("detail").GetString());
        using var missing = await PatchAsync(api, Guid.NewGuid(), """{"tapId":1,"reason":"x"}""");
        await Api.ProblemAsync(missing, 404);
    }

    [Fact]
    public async Task Why_a_beer_was_deleted_is_kept()
    {
        var api = await Api.SharedAsync(servers);
        var id = (await api.PourAllAsync((1, 500)))[0];
        using var longWinded = await api.Admin.DeleteAsync($"/api/beers/{id}?reason={new string('x', 201)}");
        await Api.ProblemAsync(longWinded, 400);
        using var deleted = await api.Admin.DeleteAsync($"/api/beers/{id}?reason=Poured%20twice");
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        await using var source = NpgsqlDataSource.Create($"{api.Settings["ConnectionStrings:taproomdb"]};Pooling=false");
        await using var query = source.CreateCommand($"SELECT delete_reason FROM pours WHERE id = '{id}'");
        Assert.Equal("Poured twice", await query.ExecuteScalarAsync());
    }

    private static async Task<string> TapAsync(Api api, int id, string beverage)
    {
        (await api.PostAsync("/api/taps", $$"""{"id":{{id}},"name":"Tap"}""")).Dispose();
        using var keg = await api.PostAsync("/api/kegs", $$"""{"beverage":"{{beverage}}","sizeMl":30000}""");
        var kegId = (await Api.ReadAsync(keg)).GetProperty("id").GetString();
        (await api.Admin.PutAsync($"/api/taps/{id}/keg", Api.Json($$"""{"kegId":"{{kegId}}"}"""))).Dispose();
        return kegId!;
    }

    private static Task<HttpResponseMessage> PatchAsync(Api api, Guid id, string json) => api.Admin.PatchAsync($"/api/beers/{id}", Api.Json(json));

    private static async Task<decimal> LevelAsync(Api api, string keg) =>
        (await api.GetAsync($"/api/kegs/{keg}")).GetProperty("levelMl").GetDecimal();

    private static async Task<List<Guid>> IdsAsync(Api api, string query) =>
        [.. (await api.GetAsync($"/api/beers{query}")).GetProperty("beers").EnumerateArray().Select(beer => beer.GetProperty("id").GetGuid())];

    private static async Task<List<(int Id, decimal VolumeMl)>> TotalsAsync(Api api) =>
        [
            .. (await api.GetAsync("/api/taps"))
                .GetProperty("taps")
                .EnumerateArray()
                .Select(tap => (tap.GetProperty("id").GetInt32(), tap.GetProperty("volumeMl").GetDecimal())),
        ];
}
