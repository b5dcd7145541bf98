using System.Net;
using System.Text.Json;
using Testing;

namespace Ingest.Api.Tests;

/// <summary>Users of an API under test.</summary>
internal static class People
{
    public const string Password = "what only this one knows";

    /// <summary>Adds a user by the admin key.</summary>
    public static async Task<Guid> AddUserAsync(this Api api, string name, string role)
    {
        using var added = await Calls.AnsweredAsync(() =>
            api.PostAsync("/api/users", $$"""{"name":"{{name}}","password":"{{Password}}","role":"{{role}}"}""")
        );
        if (added.StatusCode == HttpStatusCode.Conflict)
        {
            // A call added it that was answered too late.
            using var all = await api.Admin.GetAsync("/api/users?page_size=100");
            return (await Api.ReadAsync(all))
                .GetProperty("users")
                .EnumerateArray()
                .Single(user => user.GetProperty("name").ValueEquals(name))
                .GetProperty("id")
                .GetGuid();
        }

        Assert.True(added.IsSuccessStatusCode, await added.Content.ReadAsStringAsync());
        return (await Api.ReadAsync(added)).GetProperty("id").GetGuid();
    }

    /// <summary>Tries to sign in.</summary>
    public static Task<HttpResponseMessage> TrySignInAsync(this Api api, string name, string password = Password) =>
        api.Anonymous.PostAsync("/api/sessions", Api.Json(JsonSerializer.Serialize(new { name, password })));

    /// <summary>Signs a user in.</summary>
    public static async Task<HttpClient> SignInAsync(this Api api, string name, string password = Password)
    {
        using var begun = await Calls.AnsweredAsync(() => api.TrySignInAsync(name, password));
        Assert.True(begun.IsSuccessStatusCode, await begun.Content.ReadAsStringAsync());
        return api.With((await Api.ReadAsync(begun)).GetProperty("token").GetString()!);
    }

    /// <summary>Adds a user and signs it in.</summary>
    public static async Task<HttpClient> UserAsync(this Api api, string name, string role)
    {
        await api.AddUserAsync(name, role);
        return await api.SignInAsync(name);
    }
}
