using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Tap.Simulator.Journal;

namespace Tap.Simulator.Transports;

/// <summary>One connection of a tap over HTTP: a pour is posted, and then asked for, because HTTP has no receipts.</summary>
internal sealed class HttpTapConnection : ITapConnection
{
    private readonly CancellationTokenSource _lost = new();
    private readonly TapIdentity _tap;
    private readonly bool _receipts;
    private readonly HttpClient _http;
    private SlowLine? _line;

    /// <summary>Makes a connection; <see cref="CheckAsync"/> opens it.</summary>
    /// <param name="tap">The tap.</param>
    /// <param name="api">Address of the API.</param>
    /// <param name="token">The tap's token.</param>
    /// <param name="receipts">Whether a pour is kept until the API has it stored; else until it is accepted.</param>
    /// <param name="stopReading">The clock of a tap that may stop reading; null for one that never does.</param>
    public HttpTapConnection(TapIdentity tap, Uri api, string token, bool receipts, TimeProvider? stopReading)
    {
        (_tap, _receipts) = (tap, receipts);
        _http = HttpTransport.ClientOf(api, token, stopReading is null ? null : (context, ct) => ConnectAsync(context.DnsEndPoint, stopReading, ct));
    }

    public CancellationToken Lost => _lost.Token;

    /// <summary>Finds out whether the API answers.</summary>
    /// <exception cref="HttpRequestException">It does not.</exception>
    public async Task CheckAsync(CancellationToken cancellationToken)
    {
        using var answer = await _http.GetAsync("/alive", cancellationToken);
        answer.EnsureSuccessStatusCode();
    }

    public async Task<Answer> SendAsync(Pour pour, CancellationToken cancellationToken)
    {
        using var answer = await HttpTransport.PostAsync(_http, pour, _tap, cancellationToken);
        var kind = answer.StatusCode switch
        {
            HttpStatusCode.Created or HttpStatusCode.OK when !_receipts => AnswerKind.Stored,
            HttpStatusCode.Created or HttpStatusCode.OK => await FindAsync(pour.Id, cancellationToken),
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => throw new NotAuthorizedException(_tap),
            HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable => AnswerKind.Busy,
            var status when HttpTransport.IsRefused(status) => AnswerKind.Refused,
            // Also of whatever answers in the place of the API.
            _ => throw new HttpRequestException($"The API answered with {(int)answer.StatusCode}."),
        };
        return new Answer(kind, ((int)answer.StatusCode).ToString(CultureInfo.InvariantCulture));
    }

    public async Task SendBadAsync(byte[] payload, CancellationToken cancellationToken)
    {
        using var answer = await _http.PostAsync(HttpTransport.BeersPath, new ByteArrayContent(payload), cancellationToken);
    }

    public Task SendReadingAsync(TapReading reading, CancellationToken cancellationToken) =>
        throw new NotSupportedException("The API takes no readings of taps.");

    public void StopReading(TimeSpan pause) => _line?.StopReading(pause);

    public void Drop()
    {
        _lost.Cancel();
        Dispose();
    }

    public Task CloseAsync() => Task.CompletedTask;

    public void Dispose()
    {
        _http.Dispose();
        _line?.Dispose();
    }

    private async Task<AnswerKind> FindAsync(Guid id, CancellationToken cancellationToken)
    {
        // The API waits for a pour that it accepted a moment ago.
        using var answer = await _http.GetAsync($"{HttpTransport.BeersPath}/{id}", cancellationToken);
        return answer.IsSuccessStatusCode ? AnswerKind.Stored : AnswerKind.Accepted;
    }

    private async ValueTask<Stream> ConnectAsync(DnsEndPoint api, TimeProvider time, CancellationToken cancellationToken)
    {
        var line = await SlowLine.OpenAsync(api.Host, api.Port, time, cancellationToken);
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
