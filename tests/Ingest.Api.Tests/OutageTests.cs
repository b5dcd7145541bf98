using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Taproom.Signals;
using Testing;

namespace Ingest.Api.Tests;

/// <summary>Servers of their own, because these tests stop them.</summary>
[Collection(nameof(TroubledServersCollection))]
public sealed class OutageTests(Servers servers)
{
    [Fact]
    public async Task Without_Redis_a_post_is_503_and_a_tap_stays_whole_and_when_it_is_back_the_tap_is_removed_and_posts_are_taken_again()
    {
        await using var api = await Api.StartAsync(servers);
        await api.PostAsync("/api/taps", """{"id":7,"name":"Bar left"}""");
        using var tap = api.With((await Api.ReadAsync(await api.Admin.PostAsync("/api/taps/7/token", null))).GetProperty("token").GetString()!);
        using var queued = await api.PostAsync("/api/taps/7/commands", """{"command":"open-valve"}""");
        Assert.Equal(HttpStatusCode.Accepted, queued.StatusCode);
        var id = (await api.PourAllAsync((1, 500)))[0];
        await servers.Redis.StopAsync();
        try
        {
            await api.DeleteAsync($"/api/beers/{id}");
            await Refusals.ExpectAsync(api.PostAsync("/api/beers", """{"tapId":1,"volume":500}"""));
            await Refusals.ExpectAsync(api.Admin.DeleteAsync("/api/taps/7"));
            Assert.Equal("Bar left", (await api.GetAsync("/api/taps/7")).GetProperty("name").GetString());
            await Refusals.ExpectUnhealthyAsync(api);
        }
        finally
        {
            await servers.Redis.StartAsync();
        }

        await api.DeleteAsync("/api/taps/7");
        Assert.Empty(await api.Services.GetRequiredService<TapCommands>().WaitingAsync(7));
        using var refused = await tap.PostAsync("/api/beers", Api.Json("""{"tapId":7,"volume":500}"""));
        await Api.ProblemAsync(refused, 401);
        await Eventually.TrueAsync(
            async () => (await api.PostAsync("/api/beers", """{"tapId":1,"volume":600}""")).StatusCode == HttpStatusCode.Created,
            "beers are taken again"
        );
    }

    [Fact]
    public async Task While_Postgres_takes_no_writes_they_are_503_and_health_says_so_and_pours_are_kept_for_later()
    {
        const string Disconnect =
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
        await using var api = await Api.StartAsync(servers);
        await api.PostAsync("/api/taps", """{"id":1,"name":"a"}""");
        var beer = (await api.PourAllAsync((1, 500)))[0];
        var database = new NpgsqlConnectionStringBuilder(api.Settings["ConnectionStrings:taproomdb"]).Database;
        await api.ExecuteAsync($"ALTER DATABASE {database} SET default_transaction_read_only = on");
        await api.ExecuteAsync(Disconnect);

        // The first of them find their connections closed by an administrator (57P01), the others a replica (25006).
        await Refusals.ExpectAsync(Enumerable.Range(2, 20).Select(id => api.PostAsync("/api/taps", $$"""{"id":{{id}},"name":"b"}""")));
        await Refusals.ExpectAsync([
            api.Admin.PatchAsync("/api/taps/1", Api.Json("""{"name":"x"}""")),
            api.Admin.DeleteAsync("/api/taps/1"),
            api.Admin.PostAsync("/api/taps/1/token", null),
            api.PostAsync("/api/kegs", """{"beverage":"Stout","sizeMl":30000}"""),
            api.Admin.DeleteAsync("/api/taps/1/keg"),
            api.PostAsync("/api/meters", Meters.MeterPost.Example),
            api.Admin.DeleteAsync($"/api/beers/{beer}"),
        ]);
        await Refusals.ExpectUnhealthyAsync(api);
        Assert.Equal("a", (await api.GetAsync("/api/taps/1")).GetProperty("name").GetString());
        var kept = await api.PourAsync(1, 600);

        await api.ExecuteAsync($"ALTER DATABASE {database} RESET default_transaction_read_only");
        await api.ExecuteAsync(Disconnect);
        await Eventually.TrueAsync(async () => (await api.Anonymous.GetAsync($"/api/beers/{kept}")).IsSuccessStatusCode, "the beer is stored");
        await Eventually.TrueAsync(
            async () => (await api.Admin.PatchAsync("/api/taps/1", Api.Json("""{"name":"x"}"""))).IsSuccessStatusCode,
            "writes are taken again"
        );
        await Eventually.TrueAsync(async () => (await api.Anonymous.GetAsync("/health")).IsSuccessStatusCode, "health says so");
    }

    [Fact]
    public async Task Without_Postgres_reads_are_503_and_posts_are_kept_for_later_and_webhooks_go_on_when_it_and_Redis_are_back()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var api = await Api.StartAsync(servers, ("Webhooks:AllowPrivateAddresses", "true"));
        await receiver.RegisterAsync(api, "pour.stored");
        var ids = new List<Guid> { (await api.PourAllAsync((1, 500)))[0] };
        await ToldAsync();
        foreach (var server in (LocalServer[])[servers.Postgres, servers.Redis])
        {
            await server.StopAsync();
            if (server == servers.Postgres)
            {
                await Refusals.ExpectAsync(api.Anonymous.GetAsync("/api/beers"));
                await Refusals.ExpectAsync(api.Anonymous.GetAsync($"/api/beers/{Guid.NewGuid()}"));
                ids.Add(await api.PourAsync());
            }

            await Refusals.ExpectUnhealthyAsync(api);
            await server.StartAsync();
            NpgsqlConnection.ClearAllPools();
            await Eventually.TrueAsync(async () => (await api.Anonymous.GetAsync("/health")).IsSuccessStatusCode, "it is back");
            Assert.Equal("healthy", (await api.GetAsync("/api/healthz")).GetProperty("status").GetString());
            ids.Add((await api.PourAllAsync((1, 500)))[0]);
            await ToldAsync();
        }

        Assert.Equal(ids, receiver.Distinct.Select(message => message.DataId));
        Assert.Empty(receiver.Faults);

        Task ToldAsync() => Eventually.TrueAsync(() => Task.FromResult(receiver.Distinct.Count == ids.Count), "all are told");
    }

    [Fact]
    public async Task Before_the_worker_has_made_the_schema_reads_are_503()
    {
        var empty = await servers.Postgres.CreateEmptyDatabaseAsync();
        await using var api = await Api.StartWithoutWorkerAsync(servers, ("ConnectionStrings:taproomdb", empty));
        await Refusals.ExpectAsync(api.Anonymous.GetAsync("/api/beers"));
    }
}
