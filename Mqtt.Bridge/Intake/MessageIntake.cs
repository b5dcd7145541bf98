using System.Diagnostics;
using Microsoft.Extensions.Options;
using MQTTnet;
using MQTTnet.Protocol;
using Taproom.Ingest;

namespace Mqtt.Bridge.Intake;

/// <summary>Turns messages of taps into entries of the ingest stream, or dead letters.</summary>
/// <remarks>
/// At least once: when <c>TakeAsync</c> returns, Redis has the messages and they may be acknowledged. A message is never
/// dropped while its connection lives: without Redis, or with a full stream, it is held, and so is its sender. Messages of
/// different connections are appended side by side; the Redis client sends what waits at one moment in one round trip.
/// </remarks>
internal sealed partial class MessageIntake(
    IngestStream stream,
    UnreleasedMessages unreleased,
    BridgeMetrics metrics,
    IOptions<IntakeOptions> options,
    TimeProvider time,
    ILogger<MessageIntake> logger
) : IDisposable
{
    private const string Source = "mqtt-bridge";

    /// <summary>Most messages that wait for Redis although no sender waits for them.</summary>
    private const int MaxUnawaited = 1_000;

    private readonly HeldMessages _held = new(metrics, options.Value.MaxBackoff, time, logger);
    private readonly CancellationTokenSource _closing = new();
    private readonly TaskCompletionSource _emptied = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private int _inWork;
    private int _unawaited;

    /// <summary>Judges a message, before it is taken.</summary>
    /// <param name="message">The message; its topic is not empty.</param>
    /// <param name="tapId">The tap that sends it; null for a sender that may speak for every tap.</param>
    /// <param name="clientId">The sender's MQTT client id.</param>
    /// <param name="id">Id of a report that has none of its own; null for a new one.</param>
    public Submission Judge(MqttApplicationMessage message, int? tapId, string clientId, Guid? id = null) =>
        Submission.Judge(message, tapId, clientId, id, options.Value.MaxPacketSize, time);

    /// <summary>Appends a message, or sets it aside, however long that takes.</summary>
    /// <inheritdoc cref="TakeAsync(IReadOnlyList{Submission}, CancellationToken)" />
    public Task TakeAsync(Submission submission, CancellationToken connection) => TakeAsync([submission], connection);

    /// <summary>Appends messages of one sender in their order, all of them in one step, or sets them aside, however long that takes.</summary>
    /// <remarks>The order holds between calls too where the sender's next one waits for this one.</remarks>
    /// <param name="submissions">The messages as judged.</param>
    /// <param name="connection">Cancelled when the sender's connection ends.</param>
    /// <exception cref="OperationCanceledException">
    /// The connection has ended, or the bridge is closing: the messages must not be acknowledged, their sender sends them again.
    /// </exception>
    public async Task TakeAsync(IReadOnlyList<Submission> submissions, CancellationToken connection)
    {
        Enter();
        try
        {
            var (forStream, refused) = (new List<Submission>(submissions.Count), Task.CompletedTask);
            foreach (var submission in submissions)
            {
                if (submission.IsForStream)
                {
                    forStream.Add(submission);
                }
                else if (submission.IsForListeners)
                {
                    Pass(submission);
                }
                else
                {
                    refused = Task.WhenAll(refused, WriteDeadAsync(submission, connection));
                }
            }

            var appended = forStream.Count > 0 ? WriteAsync(forStream, connection) : Task.CompletedTask;
            await (refused.IsCompletedSuccessfully ? appended : Task.WhenAll(appended, refused));
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>Sets a message aside for which nobody waits: its connection ends at once, or it was for a tap.</summary>
    /// <remarks>Without Redis it is held. More than 1,000 at a time, and what is held when the bridge stops, are lost: counted, and told in the log.</remarks>
    /// <param name="submission">The message, refused.</param>
    public void SetAside(Submission submission) => _ = SetAsideAsync(submission);

    /// <summary>A sender has released a message of QoS 2: its packet identifier stands for another one from now on.</summary>
    public Task ReleasedAsync(string tap, string clientId, ushort packetId, CancellationToken connection) =>
        unreleased.ForgetAsync(tap, clientId, packetId, connection);

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

    private async Task SetAsideAsync(Submission submission)
    {
        try
        {
            if (Interlocked.Increment(ref _unawaited) > MaxUnawaited)
            {
                throw new InvalidOperationException("Too many wait for Redis.");
            }

            await TakeAsync(submission, CancellationToken.None);
        }
        catch (Exception ex)
        {
            metrics.Lost();
            LogLost(submission.Tap, submission.Reason, ex.Message);
        }
        finally
        {
            Interlocked.Decrement(ref _unawaited);
        }
    }

    private async Task WriteDeadAsync(Submission submission, CancellationToken connection)
    {
        using var activity = BridgeTelemetry.StartProcess(submission);
        var entry = submission.ToEntry(activity);
        var errorType = ErrorTypeOf(submission.ReasonCode);
        activity?.SetStatus(ActivityStatusCode.Error, submission.Reason).SetTag("error.type", errorType);
        // Put back, it would become what it was not: a pour of its sender, a message, or what its beginning alone says.
        var isFinal = submission.IsCut || submission.Route?.Kind is null || submission.ReasonCode is MqttPubAckReasonCode.NotAuthorized;
        var reason = submission.IsCut
            ? $"{submission.Reason!.TrimEnd('.')}. Of the payload only the first {entry.Body.Length} bytes are kept."
            : submission.Reason!;
        await _held.UntilWrittenAsync(() => stream.SetAsideAsync(entry, reason, Source, connection, isFinal), count: 1, connection, _closing.Token);
        LogSetAside(entry.Tap, reason);
        Answered(submission, errorType);
    }

    /// <summary>It is for subscribers; all that there is to do here is to count it.</summary>
    private void Pass(Submission submission)
    {
        using var span = BridgeTelemetry.StartProcess(submission);
        Answered(submission);
    }

    private async Task WriteAsync(List<Submission> submissions, CancellationToken connection)
    {
        var current = Activity.Current;
        var (entries, spans) = (new List<IngestEntry>(submissions.Count), (List<Activity>?)null);
        foreach (var submission in submissions)
        {
            var span = BridgeTelemetry.StartProcess(submission);
            entries.Add(submission.ToEntry(span));
            if (span is not null)
            {
                (spans ??= []).Add(span);
                Activity.Current = current;
            }
        }

        try
        {
            await _held.UntilWrittenAsync(() => AppendAsync(submissions, entries, connection), entries.Count, connection, _closing.Token);
            foreach (var submission in submissions)
            {
                Answered(submission);
            }
        }
        finally
        {
            spans?.ForEach(span => span.Dispose());
        }
    }

    private async Task AppendAsync(List<Submission> submissions, List<IngestEntry> entries, CancellationToken connection)
    {
        for (var i = 0; i < entries.Count; i++)
        {
            if (submissions[i].Exchange is not null)
            {
                entries[i] = entries[i] with { Id = await unreleased.IdOfAsync(submissions[i], connection) };
            }
        }

        await stream.AppendAsync(entries, connection);
        entries.ForEach(entry => LogAppended(entry.Id, entry.Tap));
    }

    private void Answered(Submission submission, string? errorType = null) =>
        metrics.Answered(submission.Route?.Template, errorType, time.GetElapsedTime(submission.StartedAt));

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

    [LoggerMessage(LogLevel.Warning, "A message of tap '{Tap}' could not be set aside and is lost: {Reason} {Cause}")]
    private partial void LogLost(string tap, string? reason, string cause);
}
