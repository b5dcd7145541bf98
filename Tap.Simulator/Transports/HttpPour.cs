using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Tap.Simulator.Transports;

/// <summary>A beer as it is posted.</summary>
/// <param name="Id">Its id, the same each time it is posted.</param>
/// <param name="TapId">The tap.</param>
/// <param name="Volume">Volume in mL.</param>
/// <param name="PouredAt">When it was poured.</param>
internal sealed record HttpPour(Guid Id, int TapId, decimal Volume, DateTimeOffset PouredAt)
{
    /// <summary>Where beers are posted.</summary>
    public const string Path = "/api/beers";

    /// <summary>Posts it.</summary>
    public Task<HttpResponseMessage> PostAsync(HttpClient http, CancellationToken cancellationToken) =>
        http.PostAsJsonAsync(Path, this, ApiJson.Default.HttpPour, cancellationToken);

    /// <summary>A client of a tap's own, with one connection that can break off; a post that fails is the tap's to repeat.</summary>
    /// <param name="api">Address of the API.</param>
    /// <param name="token">The tap's token; empty where none is asked for.</param>
    /// <param name="connect">How it connects; null for the usual way.</param>
    public static HttpClient ClientOf(Uri api, string token, Func<SocketsHttpConnectionContext, CancellationToken, ValueTask<Stream>>? connect = null)
    {
        var handler = new SocketsHttpHandler
        {
            MaxConnectionsPerServer = 1,
            UseCookies = false,
            AllowAutoRedirect = false,
            ConnectCallback = connect,
        };
        var http = new HttpClient(handler) { BaseAddress = api };
        http.DefaultRequestHeaders.Authorization = token.Length == 0 ? null : new AuthenticationHeaderValue("Bearer", token);
        return http;
    }
}

/// <summary>Serialises what is posted to the API and read from it, without reflection.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(HttpPour))]
[JsonSerializable(typeof(NewTap))]
[JsonSerializable(typeof(GivenToken))]
internal sealed partial class ApiJson : JsonSerializerContext;
