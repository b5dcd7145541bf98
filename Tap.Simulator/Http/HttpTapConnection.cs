using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using Tap.Simulator.Faults;
using Tap.Simulator.Taps;

namespace Tap.Simulator.Http;

/// <summary>One connection of a tap over HTTP: a pour is posted, and then asked for, because HTTP has no receipts.</summary>
internal sealed class HttpTapConnection : ITapConnection
{
    private readonly CancellationTokenSource _lost = new();
    private readonly TapIdentity _tap;
    private readonly HttpDoor _door;
    private readonly HttpClient _http;
    private SlowLine? _line;

    private HttpTapConnection(TapIdentity tap, string token, HttpDoor door)
    {
        (_tap, _door) = (tap, door);
        // Not from a factory: a tap has a connection of its own, which can break off.
        var handler = new SocketsHttpHandler
        {
            MaxConnectionsPerServer = 1,
            UseCookies = false,
            AllowAutoRedirect = false,
        };
        if (door.SlowLines)
        {
            handler.ConnectCallback = ConnectAsync;
        }

        _http = new HttpClient(handler) { BaseAddress = door.Address };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
    }

    /// <inheritdoc />
    public CancellationToken Lost => _lost.Token;

    /// <summary>Connects.</summary>
    /// <exception cref="HttpRequestException">The API is away.</exception>
    public static async Task<HttpTapConnection> OpenAsync(TapIdentity tap, string token, HttpDoor door, CancellationToken cancellationToken)
    {
        var connection = new HttpTapConnection(tap, token, door);
        try
        {
            using var answer = await connection._http.GetAsync("/alive", cancellationToken);
            answer.EnsureSuccessStatusCode();
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <inheritdoc />
    public async Task<Answer> SendAsync(PouredGlass pour, CancellationToken cancellationToken)
    {
        using var answer = await new HttpPour(pour.Id, _tap.Id, pour.Volume, pour.PouredAt).PostAsync(_http, cancellationToken);
        var kind = answer.StatusCode switch
        {
            HttpStatusCode.Created or HttpStatusCode.OK when !_door.Receipts => AnswerKind.Stored,
            HttpStatusCode.Created or HttpStatusCode.OK => await FindAsync(pour.Id, cancellationToken),
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => throw new NotAuthorizedException(
                $"The token of tap {_tap.Name} is not taken."
            ),
            HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable => AnswerKind.Busy,
            >= HttpStatusCode.InternalServerError => throw new HttpRequestException($"The API answered with {(int)answer.StatusCode}."),
            _ => AnswerKind.Refused,
        };
        return new Answer(kind, ((int)answer.StatusCode).ToString(CultureInfo.InvariantCulture));
    }

    /// <inheritdoc />
    public async Task SendDamagedAsync(byte[] payload, CancellationToken cancellationToken)
    {
        using var answer = await _http.PostAsync(HttpPour.Path, new ByteArrayContent(payload), cancellationToken);
    }

    /// <inheritdoc />
    public void StopReading(TimeSpan pause) => _line?.StopReading(pause);

    /// <inheritdoc />
    public void Drop()
    {
        _lost.Cancel();
        Dispose();
    }

    /// <inheritdoc />
    public Task CloseAsync() => Task.CompletedTask;

    /// <inheritdoc />
    public void Dispose()
    {
        _http.Dispose();
        _line?.Dispose();
    }

    private async Task<AnswerKind> FindAsync(Guid id, CancellationToken cancellationToken)
    {
        // The API waits for a pour that it took in a moment ago.
        using var answer = await _http.GetAsync($"{HttpPour.Path}/{id}", cancellationToken);
        return answer.IsSuccessStatusCode ? AnswerKind.Stored : AnswerKind.Taken;
    }

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var line = await SlowLine.OpenAsync(context.DnsEndPoint.Host, context.DnsEndPoint.Port, _door.Time, cancellationToken);
        Interlocked.Exchange(ref _line, line)?.Dispose();
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(line.Near, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
