using System.Diagnostics;
using System.Net;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Taproom.Store;
using Testing;

namespace Ingest.Api.Tests;

[Collection(nameof(ServersCollection))]
public sealed class SessionsTests(Servers servers)
{
    [Fact]
    public async Task A_user_signs_in_in_any_case_of_its_name_and_its_token_ends_with_signing_out()
    {
        var api = await Api.SharedAsync(servers);
        await api.AddUserAsync("Änne Ros", "staff");

        using var begun = await api.TrySignInAsync("äNNE ros");
        Assert.Equal(HttpStatusCode.Created, begun.StatusCode);
        Assert.True(begun.Headers.CacheControl?.NoStore);
        var session = await Api.ReadAsync(begun);
        Assert.Equal(("Änne Ros", "staff"), (session.GetProperty("name").GetString(), session.GetProperty("role").GetString()));
        Assert.InRange(session.GetProperty("expiresAt").GetDateTimeOffset(), DateTimeOffset.UtcNow.AddHours(13), DateTimeOffset.UtcNow.AddHours(15));

        var token = session.GetProperty("token").GetString()!;
        Assert.StartsWith("session_", token, StringComparison.Ordinal);
        using var user = api.With(token);
        var current = await Api.ReadAsync(await user.GetAsync("/api/sessions/current"));
        Assert.Equal("Änne Ros", current.GetProperty("name").GetString());
        Assert.False(current.TryGetProperty("token", out _));

        Assert.Equal(HttpStatusCode.NoContent, (await user.DeleteAsync("/api/sessions/current")).StatusCode);
        await Api.ProblemAsync(await user.GetAsync("/api/sessions/current"), 401);
        // The admin key and nobody have no session.
        await Api.ProblemAsync(await api.Admin.GetAsync("/api/sessions/current"), 403);
        await Api.ProblemAsync(await api.Anonymous.DeleteAsync("/api/sessions/current"), 401);
    }

    [Fact]
    public async Task A_wrong_password_an_unknown_name_and_a_locked_name_are_answered_alike_and_as_slowly()
    {
        await using var api = await Api.StartAsync(servers, ("Access:LockOut", "00:10:00"), ("Access:MaxFailures", "2"));
        await api.AddUserAsync("bob", "viewer");
        var answers = new List<(string Body, TimeSpan Took)>();

        // The third is locked by the two before it, although its password is right.
        foreach (
            var (name, password) in ((string, string)[])[("nobody", People.Password), ("bob", "wrong"), ("bob", "wrong"), ("bob", People.Password)]
        )
        {
            var startedAt = Stopwatch.GetTimestamp();
            using var refused = await api.TrySignInAsync(name, password);
            await Api.ProblemAsync(refused, 401);
            answers.Add((await refused.Content.ReadAsStringAsync(), Stopwatch.GetElapsedTime(startedAt)));
        }

        Assert.Single(answers.Select(answer => answer.Body).Distinct());
        Assert.All(answers, answer => Assert.InRange(answer.Took, TimeSpan.FromSeconds(0.45), TimeSpan.MaxValue));
        await api.ExecuteAsync("UPDATE users SET locked_until = now() WHERE name = 'bob'");
        await Eventually.TrueAsync(async () => (await api.TrySignInAsync("bob")).IsSuccessStatusCode, "the lock-out is over");
    }

    [Fact]
    public async Task Tries_at_once_are_not_more_than_tries_one_after_another_and_a_success_forgives()
    {
        await using var api = await Api.StartAsync(servers);
        var id = await api.AddUserAsync("bob", "viewer");

        await Task.WhenAll(Enumerable.Range(0, 8).Select(async n => (await api.TrySignInAsync("bob", $"wrong {n}")).Dispose()));
        await Api.ProblemAsync(await api.TrySignInAsync("bob"), 401);
        Assert.NotEqual("null", (await Api.ReadAsync(await api.Admin.GetAsync($"/api/users/{id}"))).GetProperty("lockedUntil").GetRawText());

        // A new password ends it.
        using var changed = await api.Admin.PatchAsync($"/api/users/{id}", Api.Json($$"""{"password":"{{People.Password}} now"}"""));
        Assert.Equal("null", (await Api.ReadAsync(changed)).GetProperty("lockedUntil").GetRawText());
        for (var round = 0; round < 2; round++)
        {
            for (var n = 0; n < 3; n++)
            {
                await Api.ProblemAsync(await api.TrySignInAsync("bob", "wrong"), 401);
            }

            using var user = await api.SignInAsync("bob", $"{People.Password} now");
        }
    }

    [Fact]
    public async Task One_address_may_not_try_for_ever()
    {
        await using var api = await Api.StartAsync(servers, ("Access:SignInsPerMinute", "2"));
        await Api.ProblemAsync(await api.TrySignInAsync("a", "wrong"), 401);
        await Api.ProblemAsync(await api.TrySignInAsync("b", "wrong"), 401);
        using var refused = await api.TrySignInAsync("c", "wrong");
        await Api.ProblemAsync(refused, 429);
        Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task A_session_ends_by_itself_and_nothing_secret_is_stored()
    {
        await using var api = await Api.StartAsync(servers, ("Access:SessionLifetime", "00:10:00"));
        using var user = await api.UserAsync("ann", "admin");
        var token = user.DefaultRequestHeaders.Authorization!.Parameter!;
        Assert.True((await user.GetAsync("/api/users")).IsSuccessStatusCode);

        await using var scope = api.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<TaproomDb>();
        var rows = string.Join(
            '\n',
            await db
                .Database.SqlQuery<string>(
                    $"""
                    SELECT to_jsonb(t)::text AS "Value" FROM users t UNION ALL SELECT to_jsonb(t)::text FROM sessions t
                    UNION ALL SELECT to_jsonb(t)::text FROM audit t
                    """
                )
                .ToListAsync()
        );
        Assert.Contains("ann", rows, StringComparison.Ordinal);
        Assert.DoesNotContain(token, rows, StringComparison.Ordinal);
        Assert.DoesNotContain(People.Password, rows, StringComparison.Ordinal);

        await api.ExecuteAsync("UPDATE sessions SET expires_at = now()");
        await Eventually.TrueAsync(
            async () => (await user.GetAsync("/api/users")).StatusCode is HttpStatusCode.Unauthorized,
            "the session has ended by itself"
        );
    }
}
