using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Taproom.Ingest;
using Testing;

namespace Ingest.Api.Tests;

[Collection(nameof(ServersCollection))]
public sealed class BeerChangesTests(Servers servers)
{
    [Fact]
    public async Task A_deleted_beer_is_gone_from_lists_and_totals_and_does_not_come_back()
    {
        var api = await Api.SharedAsync(servers);
        var tap = Api.NewTap();
        var ids = await api.PourAllAsync((tap, 500), (tap, 400));

        using var deleted = await api.Admin.DeleteAsync($"/api/beers/{ids[0]}");
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        using var again = await api.Admin.DeleteAsync($"/api/beers/{ids[0]}");
        await Api.ProblemAsync(again, 404);

        using var posted = await api.PostAsync("/api/beers", $$"""{"tapId":{{tap}},"volume":500,"id":"{{ids[0]}}"}""");
        await Api.ProblemAsync(posted, 410);
        await api.Services.GetRequiredService<IngestStream>().AppendAsync(Redelivered(tap, ids[0]), CancellationToken.None);
        await api.PourAllAsync((tap, 300));

        var beers = (await api.GetAsync($"/api/beers?tap={tap}")).GetProperty("beers").EnumerateArray().ToList();
        Assert.Equal([400m, 300m], beers.Select(beer => beer.GetProperty("volume").GetDecimal()));
        using var missing = await api.Anonymous.GetAsync($"/api/beers/{ids[0]}");
        await Api.ProblemAsync(missing, 404);
    }

    [Fact]
    public async Task Of_two_deletions_at_once_one_wins()
    {
        var api = await Api.SharedAsync(servers);
        var id = (await api.PourAllAsync((1, 500)))[0];
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Calls.AnsweredAsync(() => api.Admin.DeleteAsync($"/api/beers/{id}"))));
        Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.NoContent);
        Assert.Equal(7, answers.Count(answer => answer.StatusCode == HttpStatusCode.NotFound));
    }

    [Fact]
    public async Task Deleting_needs_the_admin_key()
    {
        var api = await Api.SharedAsync(servers);
        using var refused = await api.Anonymous.DeleteAsync($"/api/beers/{Guid.NewGuid()}");
        await Api.ProblemAsync(refused, 401);
    }

    [Fact]
    public async Task A_batch_has_a_result_for_each_item_and_keeps_its_order()
    {
        var api = await Api.SharedAsync(servers);
        var tap = Api.NewTap();
        var id = Guid.NewGuid();
        using var response = await api.PostAsync(
            "/api/beers/batch",
            $$"""
            [{"tapId":{{tap}},"volume":500,"id":"{{id}}"}, {"tapId":{{tap}},"volume":50}, 5, {"tapId":{{tap}},"volume":900}, {"tapId":{{tap}},"volume":500,"id":"{{id}}"}]
            """
        );

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var results = (await Api.ReadAsync(response)).GetProperty("results").EnumerateArray().ToList();
        Assert.Equal([201, 422, 400, 201, 200], results.Select(result => result.GetProperty("status").GetInt32()));
        Assert.Equal("volume", results[1].GetProperty("member").GetString());
        Assert.Equal(id, results[4].GetProperty("beer").GetProperty("id").GetGuid());
        await Eventually.TrueAsync(async () => (await VolumesAsync(api, tap)).SequenceEqual([500m, 900m]), "both beers are stored in order");
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("[1,")]
    public async Task What_is_no_batch_is_400(string body)
    {
        var api = await Api.SharedAsync(servers);
        using var response = await api.PostAsync("/api/beers/batch", body);
        await Api.ProblemAsync(response, 400);
    }

    [Fact]
    public async Task A_batch_may_be_larger_than_other_bodies_but_has_its_limits()
    {
        await using var api = await Api.StartWithoutWorkerAsync(servers);
        var item = $$"""{"tapId":1,"volume":500,"x":"{{new string('x', 200)}}"}""";
        using var full = await api.PostAsync("/api/beers/batch", $"[{string.Join(',', Enumerable.Repeat(item, 1_000))}]");
        Assert.Equal(HttpStatusCode.OK, full.StatusCode);
        using var over = await api.PostAsync("/api/beers/batch", $"[{string.Join(',', Enumerable.Repeat(item, 1_001))}]");
        await Api.ProblemAsync(over, 400);
        using var large = await api.PostLargeAsync("/api/beers/batch", new string(' ', 4 * 1024 * 1024 + 1));
        await Api.ProblemAsync(large, 413);
    }

    private static async Task<IEnumerable<decimal>> VolumesAsync(Api api, int tap) =>
        (await api.GetAsync($"/api/beers?tap={tap}")).GetProperty("beers").EnumerateArray().Select(beer => beer.GetProperty("volume").GetDecimal());

    private static IngestEntry Redelivered(int tap, Guid id) =>
        new()
        {
            Id = id,
            Kind = EntryKinds.Pour,
            Tap = $"{tap}",
            ReceivedAt = DateTimeOffset.UtcNow,
            Body = """{"volume":500}"""u8.ToArray(),
        };
}
