using System.Diagnostics;
using Microsoft.Extensions.Options;
using Mqtt.Bridge.Listener;
using MQTTnet;
using MQTTnet.Formatter;
using MQTTnet.Protocol;
using Taproom.Ingest;

namespace Mqtt.Bridge.Intake;

/// <summary>Turns messages of taps into entries of the ingest stream, or dead letters.</summary>
/// <remarks>
/// At least once: when <see cref="TakeAsync"/> returns, Redis has the message and it may be acknowledged. A message is never
/// dropped while its connection lives: without Redis, or with a full stream, it is held, and so is its sender. Messages of
/// different connections are appended side by side; the Redis client puts what is under way at one time into one round trip.
/// </remarks>
internal sealed partial class MessageIntake(
    IngestStream stream,
    BridgeMetrics metrics,
    IOptions<MqttListenerOptions> options,
    TimeProvider time,
    ILogger<MessageIntake> logger
) : IDisposable
{
    private const string Source = "mqtt-bridge";

    private readonly MqttListenerOptions _options = options.Value;
    private readonly HeldMessages _held = new(metrics, options.Value, time, logger);
    private readonly CancellationTokenSource _closing = new();
    private readonly TaskCompletionSource _emptied = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private int _inWork;

    /// <summary>Judges a message, before it is taken.</summary>
    /// <param name="client">Its sender.</param>
    /// <param name="message">The message; its topic is not empty.</param>
    public Submission Judge(TapClient client, MqttApplicationMessage message) => Submission.Judge(client, message, _options.MaxPacketSize);

    /// <summary>Appends a message, or sets it aside, however long that takes.</summary>
    /// <param name="submission">The message as judged.</param>
    /// <param name="clientId">The sender's MQTT client id.</param>
    /// <param name="message">The message.</param>
    /// <param name="connection">Cancelled when the sender's connection ends.</param>
    /// <returns>What to answer.</returns>
    /// <exception cref="OperationCanceledException">
    /// The connection has ended, or the bridge is closing: the message must not be acknowledged, its sender sends it again.
    /// </exception>
    public async Task<Answer> TakeAsync(Submission submission, string clientId, MqttApplicationMessage message, CancellationToken connection)
    {
        Enter();
        try
        {
            return await AnswerAsync(submission, clientId, message, connection);
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>Sets aside that a packet was too large to be read, so that the tap's owner can see why it is disconnected.</summary>
    /// <param name="userName">Name of its sender.</param>
    /// <param name="clientId">The sender's MQTT client id.</param>
    /// <param name="bytes">Size of the packet.</param>
    /// <param name="connection">Cancelled when the sender's connection ends.</param>
    public async Task SetAsideUnreadAsync(string? userName, string clientId, long bytes, CancellationToken connection)
    {
        var tap = TapClient.For(userName, MqttProtocolVersion.Unknown).Tap;
        await TakeAsync(Submission.Unread(tap, bytes, _options.MaxPacketSize), clientId, new MqttApplicationMessage(), connection);
    }

    /// <summary>Takes nothing more, gives up what waits for Redis and returns when what is under way is answered.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task CloseAsync(CancellationToken cancellationToken)
    {
        await _closing.CancelAsync();
        lock (_gate)
        {
            if (_inWork == 0)
            {
                _emptied.TrySetResult();
            }
        }

        await _emptied.Task.WaitAsync(cancellationToken);
    }

    /// <inheritdoc />
    public void Dispose() => _closing.Dispose();

    private async Task<Answer> AnswerAsync(Submission submission, string clientId, MqttApplicationMessage message, CancellationToken connection)
    {
        var receivedAt = time.GetUtcNow();
        var startedAt = time.GetTimestamp();
        var sender = BridgeTelemetry.SenderOf(message, submission);
        using var activity = BridgeTelemetry.StartProcess(message, submission, clientId, sender, receivedAt);
        var entry = submission.ToEntry(
            receivedAt,
            activity?.Id ?? ToTraceParent(sender),
            activity is null ? sender?.TraceState : activity.TraceStateString
        );

        string? errorType = null;
        if (submission.Reason is { } reason)
        {
            errorType = ErrorTypeOf(submission.ReasonCode);
            activity.Refused(errorType, reason);
            await _held.UntilAsync(() => stream.SetAsideAsync(entry, reason, Source, connection), connection, _closing.Token);
            LogSetAside(entry.Tap, reason);
        }
        else if (!submission.IsForListeners)
        {
            await _held.UntilAsync(() => stream.AppendAsync(entry, connection), connection, _closing.Token);
            LogAppended(entry.Id, entry.Tap);
        }

        metrics.Answered(submission.Route?.Template, errorType, time.GetElapsedTime(startedAt));
        return new Answer(submission.ReasonCode, submission.Reason, submission.IsForListeners);
    }

    private void Enter()
    {
        lock (_gate)
        {
            _closing.Token.ThrowIfCancellationRequested();
            _inWork++;
        }
    }

    private void Leave()
    {
        lock (_gate)
        {
            if (--_inWork == 0 && _closing.IsCancellationRequested)
            {
                _emptied.TrySetResult();
            }
        }
    }

    private static string? ToTraceParent(ActivityContext? context) =>
        context is { } known ? $"00-{known.TraceId}-{known.SpanId}-{(known.TraceFlags.HasFlag(ActivityTraceFlags.Recorded) ? "01" : "00")}" : null;

    private static string ErrorTypeOf(MqttPubAckReasonCode code) =>
        code switch
        {
            MqttPubAckReasonCode.NotAuthorized => "not_authorized",
            MqttPubAckReasonCode.ImplementationSpecificError => "packet_too_large",
            _ => "payload_format_invalid",
        };

    [LoggerMessage(LogLevel.Debug, "Appended {Id} of tap {Tap}.")]
    private partial void LogAppended(Guid id, string tap);

    [LoggerMessage(LogLevel.Warning, "A message of tap '{Tap}' is set aside: {Reason}")]
    private partial void LogSetAside(string tap, string reason);
}

/// <summary>What a message is answered.</summary>
/// <param name="ReasonCode">The reason code for MQTT 5; a client of 3.1.1 gets a plain acknowledgement.</param>
/// <param name="Reason">The sentence to it, or null.</param>
/// <param name="IsForListeners">Whether it is to be retained and passed on to those who subscribe to it.</param>
internal readonly record struct Answer(MqttPubAckReasonCode ReasonCode, string? Reason, bool IsForListeners);
