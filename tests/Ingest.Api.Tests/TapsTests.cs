using System.Collections.Concurrent;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Taproom.Signals;
using Taproom.Taps;
using Testing;

namespace Ingest.Api.Tests;

[Collection(nameof(ServersCollection))]
public sealed class TapsTests(Servers servers)
{
    [Fact]
    public async Task A_tap_is_registered_renamed_listed_and_removed()
    {
        await using var api = await Api.StartAsync(servers);
        using var posted = await api.PostAsync("/api/taps", """{"id":7,"name":"Bar left"}""");
        Assert.Equal(HttpStatusCode.Created, posted.StatusCode);
        var tap = await api.GetAsync(posted.Headers.Location!.OriginalString);
        Assert.Equal(
            ["id", "name", "status", "pours", "volumeMl", "firstSeen", "lastSeen", "keg"],
            tap.EnumerateObject().Select(member => member.Name)
        );
        Assert.Equal("offline", tap.GetProperty("status").GetString());

        using var twice = await api.PostAsync("/api/taps", """{"id":7,"name":"x"}""");
        await Api.ProblemAsync(twice, 409);
        using var renamed = await api.Admin.PatchAsync("/api/taps/7", Api.Json("""{"name":"Bar right"}"""));
        Assert.Equal("Bar right", (await Api.ReadAsync(renamed)).GetProperty("name").GetString());

        await api.PourAllAsync((9, 500), (9, 250));
        var taps = (await api.GetAsync("/api/taps")).GetProperty("taps").EnumerateArray().ToList();
        Assert.Equal(
            [(7, 0, 0m), (9, 2, 750m)],
            taps.Select(t => (t.GetProperty("id").GetInt32(), t.GetProperty("pours").GetInt32(), t.GetProperty("volumeMl").GetDecimal()))
        );
        Assert.Equal("online", taps[1].GetProperty("status").GetString());

        using var removed = await api.Admin.DeleteAsync("/api/taps/7");
        Assert.Equal(HttpStatusCode.NoContent, removed.StatusCode);
        using var again = await api.Admin.DeleteAsync("/api/taps/7");
        await Api.ProblemAsync(again, 404);
        using var missing = await api.Anonymous.GetAsync("/api/taps/7");
        await Api.ProblemAsync(missing, 404);
    }

    [Fact]
    public async Task Listeners_are_told_of_each_change_of_a_tap_and_of_its_keg()
    {
        await using var api = await Api.StartAsync(servers);
        var told = new ConcurrentQueue<int>();
        await api.Services.GetRequiredService<TapChanges>().SubscribeAsync(told.Enqueue);
        using var keg = await api.PostAsync("/api/kegs", """{"beverage":"Pils","sizeMl":30000}""");
        var kegId = (await Api.ReadAsync(keg)).GetProperty("id").GetGuid();

        using var posted = await api.PostAsync("/api/taps", """{"id":7,"name":"Bar left"}""");
        using var twice = await api.PostAsync("/api/taps", """{"id":7,"name":"Bar left"}""");
        await ToldAsync(1);
        using var renamed = await api.Admin.PatchAsync("/api/taps/7", Api.Json("""{"name":"Bar right"}"""));
        await ToldAsync(2);
        using var tapped = await api.Admin.PutAsync("/api/taps/7/keg", Api.Json($$"""{"kegId":"{{kegId}}"}"""));
        await ToldAsync(3);
        using var untapped = await api.Admin.DeleteAsync("/api/taps/7/keg");
        await ToldAsync(4);
        using var calibrated = await api.PostAsync("/api/taps/7/calibrations", """{"pulsesPerLitre":5400}""");
        await ToldAsync(5);
        using var none = await api.Admin.DeleteAsync("/api/taps/7/keg");
        using var removed = await api.Admin.DeleteAsync("/api/taps/7");
        await ToldAsync(6);

        Assert.All(told, tapId => Assert.Equal(7, tapId));
        Assert.Equal(6, told.Count);

        Task ToldAsync(int changes) => Eventually.TrueAsync(() => Task.FromResult(told.Count >= changes), $"{changes} changes are told");
    }

    [Fact]
    public async Task A_command_is_queued_for_a_tap_with_an_id()
    {
        var api = await Api.SharedAsync(servers);
        var tap = Api.NewTap();
        using var posted = await api.PostAsync("/api/taps", $$"""{"id":{{tap}},"name":"Bar left"}""");

        using var queued = await api.PostAsync($"/api/taps/{tap}/commands", """{"command":"clean","minutes":5}""");

        Assert.Equal(HttpStatusCode.Accepted, queued.StatusCode);
        var id = (await Api.ReadAsync(queued)).GetProperty("id").GetString();
        var waiting = await api.Services.GetRequiredService<TapCommands>().WaitingAsync(tap);
        Assert.Equal($$"""{"command":"clean","minutes":5,"id":"{{id}}"}""", Assert.Single(waiting));
        using var unknown = await api.PostAsync($"/api/taps/{Api.NewTap()}/commands", """{"command":"clean"}""");
        await Api.ProblemAsync(unknown, 404);
        using var blank = await api.PostAsync($"/api/taps/{tap}/commands", """{"minutes":5}""");
        Assert.True((await Api.ProblemAsync(blank, 400)).GetProperty("errors").TryGetProperty("command", out _));
        using var anonymous = await api.Anonymous.PostAsync($"/api/taps/{tap}/commands", Api.Json("""{"command":"clean"}"""));
        await Api.ProblemAsync(anonymous, 401);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_removed_tap_takes_no_commands_and_those_that_waited_for_it_are_gone(bool hasPoured)
    {
        var api = await Api.SharedAsync(servers);
        var tap = Api.NewTap();
        var commands = api.Services.GetRequiredService<TapCommands>();
        await api.PostAsync("/api/taps", $$"""{"id":{{tap}},"name":"Bar left"}""");
        if (hasPoured)
        {
            await api.PourAllAsync((tap, 500));
        }

        using var queued = await api.PostAsync($"/api/taps/{tap}/commands", """{"command":"open-valve"}""");
        Assert.Equal(HttpStatusCode.Accepted, queued.StatusCode);
        Assert.Single(await commands.WaitingAsync(tap));

        using var removed = await api.Admin.DeleteAsync($"/api/taps/{tap}");
        Assert.Equal(HttpStatusCode.NoContent, removed.StatusCode);
        Assert.Empty(await commands.WaitingAsync(tap));
        using var refused = await api.PostAsync($"/api/taps/{tap}/commands", """{"command":"open-valve"}""");
        await Api.ProblemAsync(refused, 404);

        await api.PostAsync("/api/taps", $$"""{"id":{{tap}},"name":"Bar right"}""");
        Assert.Empty(await commands.WaitingAsync(tap));
    }

    [Fact]
    public async Task A_tap_is_online_while_a_bridge_has_its_connection_and_one_that_never_had_any_when_it_poured_of_late()
    {
        var api = await Api.SharedAsync(servers);
        var tap = Api.NewTap();
        using var posted = await api.PostAsync("/api/taps", $$"""{"id":{{tap}},"name":"Bar left"}""");
        var presence = api.Services.GetRequiredService<TapPresence>();
        Assert.Equal("offline", await StatusAsync());

        using var beer = await api.PostAsync("/api/beers", $$"""{"tapId":{{tap}},"volume":473}""");
        await api.StoredAsync(beer.Headers.Location!.OriginalString);
        await Eventually.TrueAsync(async () => await StatusAsync() == "online", "its pour tells that it is there");
        await presence.DisconnectedAsync(tap);
        Assert.Equal("offline", await StatusAsync());
        await presence.ConnectedAsync([tap]);
        Assert.Equal("online", await StatusAsync());

        async Task<string?> StatusAsync() => (await api.GetAsync($"/api/taps/{tap}")).GetProperty("status").GetString();
    }

    [Theory]
    [InlineData("""{"name":"x"}""", "id")]
    [InlineData("""{"id":0,"name":"x"}""", "id")]
    [InlineData("""{"id":"7","name":"x"}""", "id")]
    [InlineData("""{"id":7}""", "name")]
    [InlineData("""{"id":7,"name":" "}""", "name")]
    public async Task A_wrong_member_of_a_tap_is_named(string body, string member)
    {
        var api = await Api.SharedAsync(servers);
        using var response = await api.PostAsync("/api/taps", body);
        var problem = await Api.ProblemAsync(response, 400);
        Assert.True(problem.GetProperty("errors").TryGetProperty(member, out _));
    }

    [Fact]
    public async Task A_token_pours_at_its_own_tap_only_and_ends_with_the_next_one()
    {
        var api = await Api.SharedAsync(servers);
        var (id, foreignId) = (Api.NewTap(), Api.NewTap());
        await api.PostAsync("/api/taps", $$"""{"id":{{id}},"name":"Bar"}""");
        var token = await NewTokenAsync(api, id);
        using var tap = api.With(token);

        using var own = await tap.PostAsync("/api/beers", Api.Json($$"""{"tapId":{{id}},"volume":500}"""));
        Assert.Equal(HttpStatusCode.Created, own.StatusCode);
        using var other = await tap.PostAsync("/api/beers", Api.Json($$"""{"tapId":{{foreignId}},"volume":500}"""));
        await Api.ProblemAsync(other, 403);
        using var batch = await tap.PostAsync(
            "/api/beers/batch",
            Api.Json($$"""[{"tapId":{{foreignId}},"volume":500},{"tapId":{{id}},"volume":500}]""")
        );
        Assert.Equal(
            [403, 201],
            (await Api.ReadAsync(batch)).GetProperty("results").EnumerateArray().Select(r => r.GetProperty("status").GetInt32())
        );
        using var registry = await tap.PostAsync("/api/taps", Api.Json($$"""{"id":{{foreignId}},"name":"x"}"""));
        await Api.ProblemAsync(registry, 403);
        using var foreign = await tap.DeleteAsync($"/api/beers/{(await api.PourAllAsync((foreignId, 500)))[0]}");
        await Api.ProblemAsync(foreign, 403);

        await NewTokenAsync(api, id, """{"graceSeconds":0}""");
        using var old = await tap.PostAsync("/api/beers", Api.Json($$"""{"tapId":{{id}},"volume":500}"""));
        await Api.ProblemAsync(old, 401);
        Assert.DoesNotContain(token, (await api.GetAsync($"/api/taps/{id}")).GetRawText());
        using var unknown = await api.Admin.PostAsync($"/api/taps/{Api.NewTap()}/token", null);
        await Api.ProblemAsync(unknown, 404);
    }

    private static async Task<string> NewTokenAsync(Api api, int tap, string? body = null)
    {
        using var response = await api.Admin.PostAsync($"/api/taps/{tap}/token", body is null ? null : Api.Json(body));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return (await Api.ReadAsync(response)).GetProperty("token").GetString()!;
    }
}
