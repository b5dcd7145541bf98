using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Options;

namespace Tap.Simulator.Taps;

/// <summary>Registers the simulated taps with the API and gets their tokens, where the simulator has the admin key.</summary>
internal sealed class TapRegistration(IHttpClientFactory clients, IOptions<SimulatorOptions> options)
{
    private readonly ConcurrentDictionary<int, string> _tokens = [];

    /// <summary>The token of a tap, which ends the one before the first time it is asked for; empty without an admin key.</summary>
    /// <exception cref="HttpRequestException">The API cannot be reached, or refuses.</exception>
    public async Task<string> TokenOfAsync(TapIdentity tap, CancellationToken cancellationToken)
    {
        if (options.Value.AdminKey is not { Length: > 0 } adminKey)
        {
            return "";
        }

        if (!_tokens.TryGetValue(tap.Id, out var token))
        {
            using var http = clients.CreateClient(ApiAddress.Client);
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", adminKey);
            token = await RegisterAsync(http, tap, cancellationToken);
            _tokens[tap.Id] = token;
        }

        return token;
    }

    /// <summary>The bridge did not take a tap's token, so the next connection needs another.</summary>
    public void Forget(TapIdentity tap) => _tokens.TryRemove(tap.Id, out _);

    private static async Task<string> RegisterAsync(HttpClient http, TapIdentity tap, CancellationToken cancellationToken)
    {
        using var registered = await http.PostAsJsonAsync(
            "/api/taps",
            new NewTap(tap.Id, $"Simulated tap {tap.Name}"),
            TapRegistrationJson.Default.NewTap,
            cancellationToken
        );
        if (registered.StatusCode is not HttpStatusCode.Conflict)
        {
            registered.EnsureSuccessStatusCode();
        }

        using var answer = await http.PostAsync($"/api/taps/{tap.Name}/token", content: null, cancellationToken);
        answer.EnsureSuccessStatusCode();
        var given = await answer.Content.ReadFromJsonAsync(TapRegistrationJson.Default.GivenToken, cancellationToken);
        return given?.Token ?? throw new HttpRequestException("The API gave no token.");
    }
}

/// <summary>A tap to be registered.</summary>
internal sealed record NewTap(int Id, string Name);

/// <summary>What the API answers; the rest is left out.</summary>
internal sealed record GivenToken(string Token);

/// <summary>Serialises without reflection.</summary>
[JsonSourceGenerationOptions(System.Text.Json.JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(NewTap))]
[JsonSerializable(typeof(GivenToken))]
internal sealed partial class TapRegistrationJson : JsonSerializerContext;
