using System.Net;
using System.Net.WebSockets;
using System.Text;
using Microsoft.Extensions.Options;
using Tap.Simulator.Journal;
using Tap.Simulator.Transports;
using Taproom;

namespace Tap.Simulator.Taps;

/// <summary>A tap that opens the live feed first, prints what it says, and posts a beer every few whole seconds.</summary>
/// <remarks>It waits for an API that is away and opens the feed anew; a beer is posted again, with its id, until it is answered.</remarks>
internal sealed partial class WebSocketTap(
    TapRegistration registration,
    IOptions<WebSocketTapOptions> options,
    IOptions<SimulatorOptions> simulator,
    IOptions<TransportOptions> transport,
    TimeProvider time,
    ILogger<WebSocketTap> logger
) : BackgroundService
{
    private const int FrameBytes = 4 * 1024;

    private readonly WebSocketTapOptions _options = options.Value;
    private readonly TapIdentity _tap = new(options.Value.TapId);
    private readonly Random _random = simulator.Value.RandomFor(options.Value.TapId, "http");
    private readonly FlowMeter _meter = new(simulator.Value.RandomFor(options.Value.TapId, "volumes"), simulator.Value.PulsesPerLitre);

    private Pour? _unanswered;
    private long _seq;

    protected override Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var loop = new RetryLoop(transport.Value.MaxBackoff, (ex, _, delay) => LogDisconnected(_tap.Name, delay, ex.Message), time);
        return loop.RunAsync(cancellationToken => ConnectAsync(loop.Recovered, cancellationToken), stoppingToken);
    }

    private async Task ConnectAsync(Action connected, CancellationToken stoppingToken)
    {
        var token = _options.Token ?? await registration.TokenOfAsync(_tap, stoppingToken);
        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(new Uri($"ws://{_options.Address}/sockets/beers?tap={_tap.Name}"), stoppingToken);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        Task[] both = [ListenAsync(socket, end.Token), PostAsync(token, connected, end.Token)];
        await Task.WhenAny(both);
        await end.CancelAsync();
        await Task.WhenAll(both);
    }

    private static async Task ListenAsync(WebSocket socket, CancellationToken cancellationToken)
    {
        var buffer = new byte[FrameBytes];
        var text = new StringBuilder();
        while (true)
        {
            var frame = await socket.ReceiveAsync(buffer, cancellationToken);
            if (frame.MessageType is WebSocketMessageType.Close)
            {
                throw new WebSocketException("The API has closed the live feed.");
            }

            text.Append(Encoding.UTF8.GetString(buffer, 0, frame.Count));
            if (frame.EndOfMessage)
            {
                Console.WriteLine(text);
                text.Clear();
            }
        }
    }

    private async Task PostAsync(string token, Action connected, CancellationToken cancellationToken)
    {
        using var http = HttpTransport.ClientOf(transport.Value.Api!, token);
        while (true)
        {
            if (_unanswered is null)
            {
                await Task.Delay(TimeSpan.FromSeconds(_random.Next(1, _options.MaxPauseSeconds + 1)), time, cancellationToken);
                var now = time.GetUtcNow();
                var poured = _meter.Pour();
                _unanswered = new Pour(Guid.CreateVersion7(now), poured.VolumeMl, now, ++_seq, poured.Pulses, poured.Odometer, poured.DurationMs);
            }

            await PostAsync(http, _unanswered, cancellationToken);
            _unanswered = null;
            connected();
        }
    }

    private async Task PostAsync(HttpClient http, Pour pour, CancellationToken cancellationToken)
    {
        using var answer = await HttpTransport.PostAsync(http, pour, _tap, cancellationToken);
        if (answer.IsSuccessStatusCode)
        {
            LogPosted(_tap.Name, pour.Id);
            return;
        }

        if (answer.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden)
        {
            registration.Forget(_tap);
        }

        if (!HttpTransport.IsRefused(answer.StatusCode))
        {
            // Away, busy, or the token was replaced: it is posted again.
            answer.EnsureSuccessStatusCode();
        }

        LogRefused(_tap.Name, pour.Id, (int)answer.StatusCode);
    }

    [LoggerMessage(LogLevel.Warning, "Tap {Tap} has no connection to the API, it tries again in {Delay}: {Message}")]
    private partial void LogDisconnected(string tap, TimeSpan delay, string message);

    [LoggerMessage(LogLevel.Debug, "Beer {Id} of tap {Tap} is posted.")]
    private partial void LogPosted(string tap, Guid id);

    [LoggerMessage(LogLevel.Warning, "Beer {Id} of tap {Tap} is refused with {Status}.")]
    private partial void LogRefused(string tap, Guid id, int status);
}
