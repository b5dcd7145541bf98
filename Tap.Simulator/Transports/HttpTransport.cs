using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using Microsoft.Extensions.Options;
using Tap.Simulator.Journal;

namespace Tap.Simulator.Transports;

/// <summary>Taps that speak HTTP.</summary>
internal sealed class HttpTransport(IOptions<TransportOptions> options, TimeProvider time) : ITapTransport
{
    /// <summary>Where beers are posted.</summary>
    public const string BeersPath = "/api/beers";

    private readonly Uri _api = options.Value.Api!;

    public string Address => _api.Authority;

    public async Task<ITapConnection> OpenAsync(
        TapIdentity tap,
        string token,
        Action<IReadOnlyList<Guid>> received,
        bool mayStopReading,
        CancellationToken cancellationToken
    )
    {
        var connection = new HttpTapConnection(tap, _api, token, options.Value.Receipts, mayStopReading ? time : null);
        try
        {
            await connection.CheckAsync(cancellationToken);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Posts a pour.</summary>
    public static Task<HttpResponseMessage> PostAsync(HttpClient http, Pour pour, TapIdentity tap, CancellationToken cancellationToken) =>
        http.PostAsJsonAsync(BeersPath, pour with { TapId = tap.Id }, PourJson.Default.Pour, cancellationToken);

    /// <summary>Whether an answer says of a pour that it will never be taken.</summary>
    public static bool IsRefused(HttpStatusCode status) =>
        status
            is HttpStatusCode.BadRequest
                or HttpStatusCode.Conflict
                or HttpStatusCode.Gone
                or HttpStatusCode.RequestEntityTooLarge
                or HttpStatusCode.UnprocessableEntity;

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
