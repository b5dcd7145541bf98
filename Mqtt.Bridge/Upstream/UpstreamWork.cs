using System.Collections.Concurrent;
using System.Threading.Channels;
using Mqtt.Bridge.Intake;
using MQTTnet;
using MQTTnet.Protocol;
using Taproom.Ingest;

namespace Mqtt.Bridge.Upstream;

/// <summary>Takes the messages of one connection to the broker: appends each, then acknowledges it.</summary>
/// <remarks>Several messages are appended at a time; they are acknowledged in the order in which they came (MQTT 5, section 4.6).</remarks>
/// <param name="intake">Takes the messages.</param>
/// <param name="publisher">Told what was taken, for its receipts.</param>
/// <param name="status">Hears which taps are online.</param>
/// <param name="retained">Knows which retained messages are new.</param>
/// <param name="metrics">Counts what is dropped.</param>
/// <param name="logger">Told of it.</param>
/// <param name="lost">Cancelled when the connection is lost.</param>
internal sealed partial class UpstreamWork(
    MessageIntake intake,
    UpstreamPublisher publisher,
    UpstreamStatus status,
    RetainedReports retained,
    BridgeMetrics metrics,
    ILogger logger,
    CancellationToken lost
)
{
    /// <summary>
    /// Messages that may wait for Redis. Above this number, those of QoS 0 are dropped; the broker itself limits the others
    /// (<see cref="UpstreamOptions.UpstreamInFlight"/>).
    /// </summary>
    private const int MaxWaiting = 2_000;

    // Unbounded: if the client had to wait for room here, it could not report a lost connection.
    private readonly Channel<(MqttApplicationMessageReceivedEventArgs Message, Task Taken)> _waiting = Channel.CreateUnbounded<(
        MqttApplicationMessageReceivedEventArgs,
        Task
    )>();

    // Of each tap, while it is not taken.
    private readonly ConcurrentDictionary<string, AppendTurn> _newest = [];

    private volatile bool _stopped;
    private bool _drops;

    /// <summary>Begins to take a message; never waits for Redis.</summary>
    public Task TakeAsync(MqttApplicationMessageReceivedEventArgs message)
    {
        message.AutoAcknowledge = false;
        if (_stopped)
        {
            return Task.CompletedTask;
        }

        if (message.ApplicationMessage.QualityOfServiceLevel is MqttQualityOfServiceLevel.AtMostOnce && _waiting.Reader.Count >= MaxWaiting)
        {
            Drop();
            return Task.CompletedTask;
        }

        _waiting.Writer.TryWrite((message, TakenAsync(message.ClientId, message.ApplicationMessage)));
        return Task.CompletedTask;
    }

    /// <summary>Acknowledges what the intake has taken, until the connection is lost or no more is taken.</summary>
    public async Task AcknowledgeAsync()
    {
        await foreach (var (message, messageTaken) in _waiting.Reader.ReadAllAsync())
        {
            try
            {
                await messageTaken;
                await message.AcknowledgeAsync(lost);
            }
            catch (OperationCanceledException) when (lost.IsCancellationRequested)
            {
                // Not acknowledged: the broker sends it again.
            }
        }
    }

    /// <summary>Takes no more messages; what was taken is still acknowledged.</summary>
    public void Stop()
    {
        _stopped = true;
        _waiting.Writer.TryComplete();
    }

    /// <summary>Ends when the message is taken and may be acknowledged.</summary>
    private async Task TakenAsync(string clientId, MqttApplicationMessage message)
    {
        if (UpstreamStatus.IsStatus(message.Topic) && !await status.HearAsync(message))
        {
            return;
        }

        if (message.Retain && !UpstreamStatus.IsStatus(message.Topic))
        {
            await TakeRetainedAsync(clientId, message);
            return;
        }

        await TakeAsync(clientId, message, id: null);
    }

    private async Task TakeRetainedAsync(string clientId, MqttApplicationMessage message)
    {
        var mayBeRepeated = retained.MayBeRepeated(message);
        // An empty message only clears what was retained.
        if (message.Payload.IsEmpty || (mayBeRepeated && await retained.WasTakenAsync(message)))
        {
            return;
        }

        await TakeAsync(clientId, message, mayBeRepeated ? RetainedReports.IdOf(message) : null);
        await retained.TakenAsync(message);
    }

    /// <param name="clientId">This bridge's client id.</param>
    /// <param name="message">The message.</param>
    /// <param name="id">Id of a report that has none of its own; null for a new one.</param>
    private async Task TakeAsync(string clientId, MqttApplicationMessage message, Guid? id)
    {
        // The broker decides which tap may publish what.
        var submission = intake.Judge(message, tapId: null, clientId, id);
        // Before the append, because the receipt may come before the answer of Redis.
        publisher.Took(submission.Id);
        if (!submission.IsForStream)
        {
            await intake.TakeAsync(submission, lost);
            return;
        }

        var turn = new AppendTurn(_newest.GetValueOrDefault(submission.Tap));
        turn.Appended = intake.TakeAsync(submission, lost, turn);
        _newest[submission.Tap] = turn;
        await turn.Appended;
        _newest.TryRemove(new(submission.Tap, turn));
    }

    private void Drop()
    {
        metrics.Throttled();
        if (!_drops)
        {
            _drops = true;
            LogDropping(MaxWaiting);
        }
    }

    [LoggerMessage(LogLevel.Warning, "{Count} messages wait to be stored; those of QoS 0 are dropped.")]
    private partial void LogDropping(int count);
}
