using System.Text.Json;
using Ingest.Api.Audit;
using Microsoft.Extensions.DependencyInjection;
using Taproom;
using Testing;

namespace Ingest.Api.Tests;

[Collection(nameof(ServersCollection))]
public sealed class AuditTests(Servers servers)
{
    [Fact]
    public async Task Every_change_is_kept_with_who_made_it_and_from_where_and_what_taps_report_is_not()
    {
        await using var api = await Api.StartAsync(servers);
        var id = await api.AddUserAsync("Sue", "staff");
        using var sue = await api.SignInAsync("sue");
        await api.PostAsync("/api/taps", """{"id":1,"name":"a"}""");
        using var tap = api.With((await Api.ReadAsync(await api.Admin.PostAsync("/api/taps/1/token", null))).GetProperty("token").GetString()!);

        using var keg = new HttpRequestMessage(HttpMethod.Post, "/api/kegs") { Content = Api.Json("""{"beverage":"Pils","sizeMl":30000}""") };
        keg.Headers.Add(VisitorAddress.Header, api.Services.GetRequiredService<VisitorAddress>().Write(new([192, 0, 2, 7])));
        Assert.True((await sue.SendAsync(keg)).IsSuccessStatusCode);
        // Somebody who makes an address up is where he is.
        sue.DefaultRequestHeaders.Add(VisitorAddress.Header, "192.0.2.8");
        await Api.ProblemAsync(await sue.DeleteAsync($"/api/users/{id}"), 403);
        await Api.ProblemAsync(await sue.PostAsync("/api/kegs", Api.Json("{")), 400);
        await sue.PostAsync("/api/taps/1/commands", Api.Json("""{"command":"a secret of the tap"}"""));
        // No changes: what taps report, what nobody is let in for, what is only read.
        await tap.PostAsync("/api/beers", Api.Json("""{"tapId":1,"volume":500}"""));
        await api.PourAsync();
        await api.PostAsync("/api/messages", "1");
        await Api.ProblemAsync(await api.Anonymous.PostAsync("/api/kegs", Api.Json("{}")), 401);
        await sue.GetAsync("/api/taps");
        await Api.ProblemAsync(await api.TrySignInAsync("sue", "my other password"), 401);

        await Eventually.TrueAsync(
            async () => (await EntriesAsync(api, "")).All(e => e.GetProperty("status").ValueKind is JsonValueKind.Number),
            "all have ended"
        );
        Assert.Equal(
            [
                " POST /api/sessions 401 Somebody failed to sign in.",
                "Sue POST /api/taps/1/commands 202 ",
                "Sue POST /api/kegs 400 ",
                $"Sue DELETE /api/users/{id} 403 ",
                "Sue POST /api/kegs 201 ",
                "admin key POST /api/taps/1/token 200 ",
                "admin key POST /api/taps 201 ",
                "Sue POST /api/sessions 201 Signed in.",
                "admin key POST /api/users 201 Sue is staff now.",
            ],
            (await EntriesAsync(api, "")).Select(e =>
                $"{e.GetProperty("caller")} {e.GetProperty("method")} {e.GetProperty("path")} {e.GetProperty("status")} {e.GetProperty("summary")}"
            )
        );
        Assert.Equal(
            ["127.0.0.1", "127.0.0.1", "127.0.0.1", "192.0.2.7", "127.0.0.1"],
            (await EntriesAsync(api, "?user=SUE")).Select(e => e.GetProperty("address").GetString())
        );

        // By time, and page by page.
        var third = (await EntriesAsync(api, ""))[2].GetProperty("at").GetString();
        Assert.Equal(3, (await EntriesAsync(api, $"?from={third}")).Count);
        Assert.Equal(6, (await EntriesAsync(api, $"?to={third}")).Count);
        Assert.Equal([4, 4, 1], (await api.PagesAsync("/api/audit?page_size=4")).Counts);
        await Api.ProblemAsync(await sue.GetAsync("/api/audit"), 403);
        await Api.ProblemAsync(await api.Anonymous.GetAsync("/api/audit"), 401);
    }

    [Fact]
    public async Task Nothing_is_changed_without_an_entry_and_old_entries_go()
    {
        await using var api = await Api.StartAsync(servers, ("Audit:KeepFor", "1.00:00:00"));
        await api.ExecuteAsync("ALTER TABLE audit RENAME TO away");
        await Api.ProblemAsync(await api.PostAsync("/api/taps", """{"id":1,"name":"a"}"""), 503);
        await api.ExecuteAsync("ALTER TABLE away RENAME TO audit");
        await Api.ProblemAsync(await api.Anonymous.GetAsync("/api/taps/1"), 404);

        await api.PostAsync("/api/taps", """{"id":1,"name":"a"}""");
        await api.PostAsync("/api/taps", """{"id":2,"name":"b"}""");
        await api.ExecuteAsync("UPDATE audit SET at = at - interval '2 days' WHERE id = (SELECT min(id) FROM audit)");
        Assert.Equal(1, await api.Services.GetRequiredService<AuditUpkeep>().DeleteOldAsync(CancellationToken.None));
        Assert.Single(await EntriesAsync(api, ""));
    }

    private static async Task<List<JsonElement>> EntriesAsync(Api api, string query)
    {
        using var answer = await api.Admin.GetAsync($"/api/audit{query}");
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        return [.. (await Api.ReadAsync(answer)).GetProperty("entries").EnumerateArray()];
    }
}
