using System.Net;
using Npgsql;
using Testing;

namespace Ingest.Api.Tests;

/// <summary>Servers of their own, because these tests stop them.</summary>
public sealed class OutageTests(Servers servers) : IClassFixture<Servers>
{
    [Fact]
    public async Task Without_Redis_a_post_is_503_and_taken_again_when_it_is_back()
    {
        await using var api = await Api.StartAsync(servers);
        var id = (await api.PourAllAsync((1, 500)))[0];
        await servers.Redis.StopAsync();
        try
        {
            using var deleted = await api.Admin.DeleteAsync($"/api/beers/{id}");
            Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
            await Refusals.ExpectAsync(api.PostAsync("/api/beers", """{"tapId":1,"volume":500}"""));
            await Refusals.ExpectUnhealthyAsync(api);
        }
        finally
        {
            await servers.Redis.StartAsync();
        }

        await Eventually.TrueAsync(
            async () => (await api.PostAsync("/api/beers", """{"tapId":1,"volume":600}""")).StatusCode == HttpStatusCode.Created,
            "beers are taken again"
        );
    }

    [Fact]
    public async Task Without_Postgres_reads_are_503_and_posts_are_kept_for_later()
    {
        await using var api = await Api.StartAsync(servers);
        await api.PourAllAsync((1, 500));
        await servers.Postgres.StopAsync();
        var id = Guid.NewGuid();
        try
        {
            await Refusals.ExpectAsync(api.Anonymous.GetAsync("/api/beers"));
            await Refusals.ExpectAsync(api.Anonymous.GetAsync($"/api/beers/{Guid.NewGuid()}"));
            await Refusals.ExpectUnhealthyAsync(api);
            await api.PourAsync(2, 500, id);
        }
        finally
        {
            await servers.Postgres.StartAsync();
            // The connections of this process to the server that was stopped.
            NpgsqlConnection.ClearAllPools();
        }

        await Eventually.TrueAsync(async () => (await api.Anonymous.GetAsync($"/api/beers/{id}")).IsSuccessStatusCode, "the beer is stored");
        Assert.Equal("healthy", (await api.GetAsync("/api/healthz")).GetProperty("status").GetString());
    }

    [Fact]
    public async Task Before_the_worker_has_made_the_schema_reads_are_503()
    {
        await using var api = await Api.StartWithoutWorkerAsync(servers);
        await Refusals.ExpectAsync(api.Anonymous.GetAsync("/api/beers"));
    }
}
