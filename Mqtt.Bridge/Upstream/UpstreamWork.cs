using System.Threading.Channels;
using Mqtt.Bridge.Intake;
using MQTTnet;
using MQTTnet.Protocol;

namespace Mqtt.Bridge.Upstream;

/// <summary>Takes the messages of one connection to the broker, and then acknowledges them.</summary>
/// <remarks>Those that wait are taken together, and acknowledged in the order in which they came (MQTT 5, section 4.6).</remarks>
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

    /// <summary>Most messages that are appended in one step; Redis does nothing else meanwhile.</summary>
    private const int MaxTogether = 100;

    // Unbounded: if the client had to wait for room here, it could not report a lost connection.
    private readonly Channel<Waiting> _waiting = Channel.CreateUnbounded<Waiting>();

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

        _waiting.Writer.TryWrite(new Waiting(message, JudgeAsync(message.ClientId, message.ApplicationMessage)));
        return Task.CompletedTask;
    }

    /// <summary>Has the intake take what waits, and acknowledges it, until the connection is lost or no more is taken.</summary>
    public async Task AcknowledgeAsync()
    {
        while (await _waiting.Reader.WaitToReadAsync())
        {
            var together = new List<Waiting>();
            while (together.Count < MaxTogether && _waiting.Reader.TryRead(out var next))
            {
                together.Add(next);
            }

            try
            {
                await AcknowledgeAsync(together);
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

    private async Task AcknowledgeAsync(List<Waiting> together)
    {
        var submissions = (await Task.WhenAll(together.Select(one => one.Judged))).OfType<Submission>().ToList();
        await intake.TakeAsync(submissions, lost);
        foreach (var (message, judged) in together)
        {
            if (await judged is not null && IsRetainedReport(message.ApplicationMessage))
            {
                await retained.TakenAsync(message.ApplicationMessage);
            }

            await message.AcknowledgeAsync(lost);
        }
    }

    /// <returns>The message as judged; null for one that is not to be taken.</returns>
    private async Task<Submission?> JudgeAsync(string clientId, MqttApplicationMessage message)
    {
        if (UpstreamStatus.IsStatus(message.Topic) && !await status.HearAsync(message))
        {
            return null;
        }

        Guid? id = null;
        if (IsRetainedReport(message))
        {
            var mayBeRepeated = retained.MayBeRepeated(message);
            // An empty message only clears what was retained.
            if (message.Payload.IsEmpty || (mayBeRepeated && await retained.WasTakenAsync(message)))
            {
                return null;
            }

            id = mayBeRepeated ? RetainedReports.IdOf(message) : null;
        }

        // The broker decides which tap may publish what.
        var submission = intake.Judge(message, tapId: null, clientId, id);
        // Before the append, because the receipt may come before the answer of Redis.
        publisher.Took(submission.Id);
        return submission;
    }

    private static bool IsRetainedReport(MqttApplicationMessage message) => message.Retain && !UpstreamStatus.IsStatus(message.Topic);

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

    /// <summary>A message that is not acknowledged.</summary>
    /// <param name="Message">The message.</param>
    /// <param name="Judged">What it is judged to be; null for one that is not to be taken.</param>
    private sealed record Waiting(MqttApplicationMessageReceivedEventArgs Message, Task<Submission?> Judged);
}
