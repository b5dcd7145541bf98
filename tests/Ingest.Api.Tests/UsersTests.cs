using System.Net;
using Testing;

namespace Ingest.Api.Tests;

[Collection(nameof(ServersCollection))]
public sealed class UsersTests(Servers servers)
{
    [Fact]
    public async Task Only_admins_see_and_change_users_and_each_role_may_do_what_is_its_own()
    {
        var api = await Api.SharedAsync(servers);
        var tap = Api.NewTap();
        using var viewer = await api.UserAsync("vic", "viewer");
        using var staff = await api.UserAsync("sue", "staff");
        using var admin = await api.UserAsync("ann", "admin");
        await api.PostAsync("/api/taps", $$"""{"id":{{tap}},"name":"a"}""");

        HttpClient[] all = [viewer, staff, admin];
        Assert.Equal([403, 403, 200], await StatusesAsync(all, user => user.GetAsync("/api/users")));
        Assert.Equal([403, 403, 200], await StatusesAsync(all, user => user.GetAsync("/api/dead-letters")));
        Assert.Equal([403, 403, 200], await StatusesAsync(all, user => user.PostAsync($"/api/taps/{tap}/token", null)));
        Assert.Equal(
            [403, 201, 201],
            await StatusesAsync(all, user => user.PostAsync("/api/kegs", Api.Json("""{"beverage":"Pils","sizeMl":30000}""")))
        );
        Assert.Equal(
            [403, 202, 202],
            await StatusesAsync(all, user => user.PostAsync($"/api/taps/{tap}/commands", Api.Json("""{"command":"clean"}""")))
        );
        Assert.Equal([200, 200, 200], await StatusesAsync(all, user => user.GetAsync("/api/taps")));
        // What the admin key may, a user who is an admin may: also report a pour.
        Assert.Equal([403, 403, 201], await StatusesAsync(all, user => user.PostAsync("/api/beers", Api.Json("""{"tapId":1,"volume":500}"""))));
        Assert.Equal([401], await StatusesAsync([api.Anonymous], user => user.GetAsync("/api/users")));
    }

    [Fact]
    public async Task A_name_is_there_once_in_any_case_and_bad_ones_are_refused()
    {
        var api = await Api.SharedAsync(servers);
        await api.AddUserAsync("Straße", "viewer");
        await Api.ProblemAsync(await PostAsync("STRAße", "a long password"), 409);

        foreach (var name in (string[])["", " ", "a ", "admin key", "Admin Key", "TAP 7", "a\\u200bb", "a\\u0000", new string('x', 61)])
        {
            var problem = await Api.ProblemAsync(await PostAsync(name, "a long password"), 400);
            Assert.True(problem.GetProperty("errors").TryGetProperty("name", out _), problem.GetRawText());
        }

        foreach (var password in (string[])["", "123456789", new string('x', 201)])
        {
            var problem = await Api.ProblemAsync(await PostAsync("carl", password), 400);
            Assert.True(problem.GetProperty("errors").TryGetProperty("password", out _), problem.GetRawText());
        }

        Assert.Equal(HttpStatusCode.Created, (await PostAsync("carl", "          ")).StatusCode);
        await Api.ProblemAsync(await api.PostAsync("/api/users", """{"name":"dora","password":"a long password","role":"tap"}"""), 400);
        await Api.ProblemAsync(await api.PostAsync("/api/users", """{"name":"dora","password":"a long password","role":"staff","x":1}"""), 400);

        Task<HttpResponseMessage> PostAsync(string name, string password) =>
            api.PostAsync("/api/users", $$"""{"name":"{{name}}","password":"{{password}}","role":"viewer"}""");
    }

    [Fact]
    public async Task Another_password_or_role_or_none_at_all_ends_the_sessions_of_that_user_and_of_no_other()
    {
        var api = await Api.SharedAsync(servers);
        using var other = await api.UserAsync("gil", "viewer");
        var id = await api.AddUserAsync("hal", "staff");

        using var first = await api.SignInAsync("hal");
        Assert.True((await api.Admin.PatchAsync($"/api/users/{id}", Api.Json("""{"role":"viewer"}"""))).IsSuccessStatusCode);
        await Api.ProblemAsync(await first.GetAsync("/api/sessions/current"), 401);

        using var second = await api.SignInAsync("hal");
        await Api.ProblemAsync(await PutAsync(second, "wrong", "a much longer password"), 400);
        Assert.Equal(HttpStatusCode.NoContent, (await PutAsync(second, People.Password, "a much longer password")).StatusCode);
        await Api.ProblemAsync(await second.GetAsync("/api/sessions/current"), 401);
        await Api.ProblemAsync(await api.TrySignInAsync("hal"), 401);

        using var third = await api.SignInAsync("hal", "a much longer password");
        Assert.Equal("viewer", (await Api.ReadAsync(await third.GetAsync("/api/sessions/current"))).GetProperty("role").GetString());
        Assert.Equal(HttpStatusCode.NoContent, (await api.Admin.DeleteAsync($"/api/users/{id}")).StatusCode);
        await Api.ProblemAsync(await third.GetAsync("/api/sessions/current"), 401);
        await Api.ProblemAsync(await api.Admin.GetAsync($"/api/users/{id}"), 404);
        await Api.ProblemAsync(await api.Admin.DeleteAsync($"/api/users/{id}"), 404);
        Assert.True((await other.GetAsync("/api/sessions/current")).IsSuccessStatusCode);

        static Task<HttpResponseMessage> PutAsync(HttpClient user, string old, string now) =>
            user.PutAsync("/api/users/current/password", Api.Json($$"""{"oldPassword":"{{old}}","newPassword":"{{now}}"}"""));
    }

    [Fact]
    public async Task The_last_admin_stays_one_unless_the_admin_key_says_otherwise()
    {
        await using var api = await Api.StartAsync(servers);
        var (ann, bea) = (await api.AddUserAsync("ann", "admin"), await api.AddUserAsync("bea", "admin"));
        using var first = await api.SignInAsync("ann");
        using var second = await api.SignInAsync("bea");

        // Each removes the other at once: one of them is too late.
        var answers = await Task.WhenAll(first.DeleteAsync($"/api/users/{bea}"), second.DeleteAsync($"/api/users/{ann}"));
        Assert.Single(answers, answer => answer.IsSuccessStatusCode);
        var (left, id) = answers[0].IsSuccessStatusCode ? (first, ann) : (second, bea);

        await Api.ProblemAsync(await left.DeleteAsync($"/api/users/{id}"), 409);
        await Api.ProblemAsync(await left.PatchAsync($"/api/users/{id}", Api.Json("""{"role":"staff"}""")), 409);
        Assert.Equal([1], (await api.PagesAsync("/api/users?page_size=1")).Counts);
        Assert.Equal(HttpStatusCode.NoContent, (await api.Admin.DeleteAsync($"/api/users/{id}")).StatusCode);
    }

    private static async Task<IReadOnlyList<int>> StatusesAsync(HttpClient[] users, Func<HttpClient, Task<HttpResponseMessage>> call)
    {
        var statuses = new List<int>();
        foreach (var user in users)
        {
            using var answer = await call(user);
            statuses.Add((int)answer.StatusCode);
        }

        return statuses;
    }
}
