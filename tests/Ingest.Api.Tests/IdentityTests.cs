using Testing;

namespace Ingest.Api.Tests;

/// <summary>Which id is whose.</summary>
[Collection(nameof(ServersCollection))]
public sealed class IdentityTests(Servers servers)
{
    [Theory]
    [InlineData("/api/messages", "1")]
    [InlineData("/api/events", """{"component":"a","environment":"b","email":"a@b.example","message":"c","data":1}""")]
    public async Task An_id_that_was_given_to_something_else_is_no_id_of_a_beer_yet(string path, string json)
    {
        var api = await Api.SharedAsync(servers);
        using var other = await api.PostAsync(path, json);
        var id = (await Api.ReadAsync(other)).GetProperty("id").GetGuid();
        Assert.Equal(id, await api.PourAsync(1, 500, id));
        Assert.Equal(500, (await api.StoredAsync($"/api/beers/{id}")).GetProperty("beer").GetProperty("volume").GetDecimal());
        Assert.Equal(id, (await api.StoredAsync($"{path}/{id}")).GetProperty("id").GetGuid());
    }

    [Theory]
    [InlineData("\"7\"")]
    [InlineData("\"00000000-0000-0000-0000-000000000000\"")]
    [InlineData("\"{6b1c2f0e-8a2b-4c57-9f5e-0d9a1c3b5e7f}\"")]
    public async Task What_is_no_UUID_and_the_nil_UUID_are_no_ids(string id)
    {
        var api = await Api.SharedAsync(servers);
        using var refused = await api.PostAsync("/api/beers", $$"""{"tapId":1,"volume":500,"id":{{id}}}""");
        Assert.True((await Api.ProblemAsync(refused, 422)).GetProperty("errors").TryGetProperty("id", out _));
    }

    [Fact]
    public async Task Of_one_id_from_two_taps_the_second_is_a_conflict_in_flight_stored_and_in_one_batch()
    {
        await using var api = await Api.StartAsync(servers);
        await api.StopWorkerAsync();
        var (id, other) = (Guid.NewGuid(), Guid.NewGuid());
        await api.PourAsync(7, 500, id);
        await ConflictAsync();
        await api.StartWorkerAsync();
        await Eventually.TrueAsync(async () => (await api.Anonymous.GetAsync($"/api/beers/{id}")).IsSuccessStatusCode, "it is stored");
        await ConflictAsync();

        using var batch = await api.PostAsync(
            "/api/beers/batch",
            $$"""[{"tapId":7,"volume":500,"id":"{{other}}"},{"tapId":8,"volume":500,"id":"{{other}}"},{"tapId":7,"volume":500,"id":"{{other}}"}]"""
        );
        var results = (await Api.ReadAsync(batch)).GetProperty("results").EnumerateArray().Select(result => result.GetProperty("status").GetInt32());
        Assert.Equal([201, 409, 200], results);

        async Task ConflictAsync()
        {
            using var refused = await api.PostAsync("/api/beers", $$"""{"tapId":8,"volume":400,"id":"{{id}}"}""");
            Assert.True((await Api.ProblemAsync(refused, 409)).GetProperty("errors").TryGetProperty("id", out _));
        }
    }

    [Fact]
    public async Task Of_ids_that_come_at_one_moment_each_has_its_own_answer()
    {
        await using var api = await Api.StartAsync(servers);
        var ids = Enumerable.Range(0, 40).Select(_ => Guid.NewGuid()).ToList();
        await Task.WhenAll(ids.Where((_, n) => n % 4 != 0).Select(id => api.PourAsync(7, 500, id)));
        foreach (var id in ids.Where((_, n) => n % 4 != 0))
        {
            await api.StoredAsync($"/api/beers/{id}");
        }

        await Task.WhenAll(ids.Where((_, n) => n % 4 == 3).Select(id => api.DeleteAsync($"/api/beers/{id}")));

        var statuses = await Task.WhenAll(
            ids.Select(
                async (id, n) =>
                {
                    using var answer = await api.PostAsync("/api/beers", $$"""{"tapId":{{(n % 4 == 2 ? 8 : 7)}},"volume":400,"id":"{{id}}"}""");
                    return (int)answer.StatusCode;
                }
            )
        );

        int[] expected = [201, 200, 409, 410];
        Assert.Equal(ids.Select((_, n) => expected[n % 4]), statuses);
    }
}
