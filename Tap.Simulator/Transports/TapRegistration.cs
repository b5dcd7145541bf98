using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Options;

namespace Tap.Simulator.Transports;

/// <summary>Registers the simulated taps with the API and gets their tokens, where the simulator has the admin key.</summary>
internal sealed class TapRegistration(IHttpClientFactory clients, IOptions<TransportOptions> options)
{
    private readonly ConcurrentDictionary<int, string> _tokens = [];

    /// <summary>The token of a tap; a new one the first time, and after <see cref="Forget"/>. Empty without an admin key.</summary>
    /// <exception cref="HttpRequestException">The API cannot be reached, or refuses.</exception>
    public async Task<string> TokenOfAsync(TapIdentity tap, CancellationToken cancellationToken)
    {
        if (string.IsNullOrEmpty(options.Value.AdminKey))
        {
            return "";
        }

        if (!_tokens.TryGetValue(tap.Id, out var token))
        {
            token = await RegisterAsync(tap, cancellationToken);
            _tokens[tap.Id] = token;
        }

        return token;
    }

    /// <summary>A tap's token was not accepted, so its next connection needs another.</summary>
    public void Forget(TapIdentity tap) => _tokens.TryRemove(tap.Id, out _);

    private async Task<string> RegisterAsync(TapIdentity tap, CancellationToken cancellationToken)
    {
        using var http = clients.CreateClient(TransportExtensions.ApiClient);
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
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(NewTap))]
[JsonSerializable(typeof(GivenToken))]
internal sealed partial class TapRegistrationJson : JsonSerializerContext;
