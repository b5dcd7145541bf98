using System.Net.Http.Headers;
using System.Net.WebSockets;
using System.Text;
using Microsoft.Extensions.Options;

namespace Taproom.Simulator.Rest;

/// <summary>
/// A tap in the way of the first beer-tap server's client: it opens the WebSocket, then posts a beer every whole number of
/// seconds from 1 to 10, and prints what the socket says.
/// </summary>
/// <remarks>Without the server it waits and connects again; a beer that was not taken is posted again under its id.</remarks>
internal sealed partial class RestTap(
    RestTapSettings settings,
    IHttpClientFactory clients,
    IOptions<SimulatorOptions> options,
    TimeProvider time,
    ILogger<RestTap> logger) : BackgroundService
{
    /// <summary>Largest frame that is read, in bytes; the server's are a sentence or a report.</summary>
    private const int FrameBytes = 64 * 1024;

    private readonly Random _random = options.Value.RandomFor(settings.TapId, "rest");
    private PouredGlass? _unposted;
    private long _seq;

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var failures = 0;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                using var socket = new ClientWebSocket();
                await socket.ConnectAsync(settings.Socket, stoppingToken);
                LogConnected(settings.TapId, settings.Socket);
                failures = 0;
                await ServeAsync(socket, stoppingToken);
            }
            catch (Exception ex) when (ex is WebSocketException or HttpRequestException && !stoppingToken.IsCancellationRequested)
            {
                LogAway(settings.Server.Host, settings.Server.Port, ex.Message);
            }

            // Not in step with the other taps, which lost the server at the same moment.
            var delay = options.Value.MaxBackoff * Math.Min(1, Math.Pow(2, failures++) / 100) * (0.5 + _random.NextDouble());
            await Task.Delay(delay, time, stoppingToken);
        }
    }

    /// <summary>Listens and posts until one of the two ends.</summary>
    private async Task ServeAsync(ClientWebSocket socket, CancellationToken cancellationToken)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var listening = ListenAsync(socket, end.Token);
        var posting = PostAsync(end.Token);
        var (first, other) = await Task.WhenAny(listening, posting) == listening ? (listening, posting) : (posting, listening);
        await end.CancelAsync();
        await other.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await first;
    }

    private async Task ListenAsync(ClientWebSocket socket, CancellationToken cancellationToken)
    {
        var buffer = new byte[FrameBytes];
        while (true)
        {
            var length = 0;
            ValueWebSocketReceiveResult frame;
            do
            {
                frame = await socket.ReceiveAsync(buffer.AsMemory(length), cancellationToken);
                length += frame.Count;
            }
            while (!frame.EndOfMessage && length < buffer.Length);

            if (frame.MessageType is WebSocketMessageType.Close)
            {
                throw new WebSocketException("The server closed the socket.");
            }

            LogHeard(Encoding.UTF8.GetString(buffer, 0, length));
        }
    }

    private async Task PostAsync(CancellationToken cancellationToken)
    {
        using var http = clients.CreateClient();
        if (settings.Token is { Length: > 0 } token)
        {
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        while (true)
        {
            if (_unposted is null)
            {
                await Task.Delay(TimeSpan.FromSeconds(_random.Next(1, 11)), time, cancellationToken);
                var now = time.GetUtcNow();
                _unposted = new PouredGlass(Guid.CreateVersion7(now), new FlowMeter(_random).Pour(), now, ++_seq);
            }

            using var answer = await http.PostAsync(settings.Beers, Body(_unposted), cancellationToken);
            if (!answer.IsSuccessStatusCode)
            {
                throw new HttpRequestException($"The server answered {(int)answer.StatusCode}.");
            }

            LogPosted(_unposted.Volume);
            _unposted = null;
        }
    }

    private StringContent Body(PouredGlass pour) => new(
        FormattableString.Invariant($$"""{"tapId":{{settings.TapId}},"volume":{{pour.Volume}},"id":"{{pour.Id}}","pouredAt":"{{pour.PouredAt:O}}"}"""),
        Encoding.UTF8,
        "application/json");

    [LoggerMessage(LogLevel.Information, "Tap {TapId} listens at {Socket}.")]
    private partial void LogConnected(int tapId, Uri socket);

    [LoggerMessage(LogLevel.Information, "Posted a beer of {VolumeMl} mL.")]
    private partial void LogPosted(decimal volumeMl);

    [LoggerMessage(LogLevel.Information, "Heard: {Frame}")]
    private partial void LogHeard(string frame);

    [LoggerMessage(LogLevel.Warning, "{Host}:{Port} is away, trying again: {Reason}")]
    private partial void LogAway(string host, int port, string reason);
}
