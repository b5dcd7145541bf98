using System.Text.Json;

namespace Ingest.Api.Tests;

/// <summary>Users of an API under test.</summary>
internal static class People
{
    public const string Password = "what only this one knows";

    /// <summary>Adds a user by the admin key.</summary>
    public static async Task<Guid> AddUserAsync(this Api api, string name, string role)
    {
        using var added = await api.PostAsync("/api/users", $$"""{"name":"{{name}}","password":"{{Password}}","role":"{{role}}"}""");
        Assert.True(added.IsSuccessStatusCode, await added.Content.ReadAsStringAsync());
        return (await Api.ReadAsync(added)).GetProperty("id").GetGuid();
    }

    /// <summary>Tries to sign in.</summary>
    public static Task<HttpResponseMessage> TrySignInAsync(this Api api, string name, string password = Password) =>
        api.Anonymous.PostAsync("/api/sessions", Api.Json(JsonSerializer.Serialize(new { name, password })));

    /// <summary>Signs a user in.</summary>
    public static async Task<HttpClient> SignInAsync(this Api api, string name, string password = Password)
    {
        using var begun = await api.TrySignInAsync(name, password);
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
