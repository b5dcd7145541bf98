using Mqtt.Bridge.Clients;
using Mqtt.Bridge.Intake;
using MQTTnet.Formatter;
using MQTTnet.Packets;
using MQTTnet.Protocol;

namespace Mqtt.Bridge.Listener;

/// <summary>
/// Reports of QoS 1 of one connection. Those that come together are taken together and acknowledged by one write, in the order in which
/// they came (MQTT 5, section 4.6); what comes meanwhile is taken next.
/// </summary>
/// <remarks>
/// The MQTT server by itself takes one message of a connection after the other. It still sees all that concerns it: sessions, subscriptions,
/// status, wills, QoS 0 and 2.
/// </remarks>
/// <param name="rate">The pace that the client may have.</param>
/// <param name="intake">Takes them.</param>
/// <param name="flow">What is unfinished between the client and the server.</param>
/// <param name="sender">Sends the acknowledgements.</param>
/// <param name="maxInFlight">Most of them at a time.</param>
/// <param name="time">The clock.</param>
/// <param name="failed">Told why there are no more acknowledgements: the connection has to end.</param>
internal sealed class PublishPipeline(
    RateLimit rate,
    MessageIntake intake,
    PacketFlow flow,
    PacketSender sender,
    int maxInFlight,
    TimeProvider time,
    Action<Exception> failed
)
{
    // By the packets of a client the MQTT server knows that it is alive; a keep-alive has a second at least.
    private static readonly TimeSpan MaxUnseen = TimeSpan.FromSeconds(0.5);

    private readonly Lock _gate = new();
    private Batch? _waiting;
    private bool _isTaking;
    private int _unanswered;
    private Task _taking = Task.CompletedTask;
    private TaskCompletionSource? _byServer;
    private long _seenByServer;

    // Ends when the MQTT server has acknowledged what was let through to it.
    private Task ByServer => Volatile.Read(ref _byServer)?.Task ?? Task.CompletedTask;

    /// <summary>Whether a message is for this, and not for the MQTT server.</summary>
    public bool IsFor(MqttPublishPacket publish) =>
        publish is { QualityOfServiceLevel: MqttQualityOfServiceLevel.AtLeastOnce, TopicAlias: 0 }
        && !publish.Topic.EndsWith("/status", StringComparison.Ordinal)
        && time.GetElapsedTime(_seenByServer) < MaxUnseen;

    /// <summary>Adds a message to those that wait; returns when the next packet may be read.</summary>
    public async Task AddAsync(MqttPublishPacket publish, TapClient client, CancellationToken connection)
    {
        var answer = new MqttPubAckPacket { PacketIdentifier = publish.PacketIdentifier };
        Submission? submission = null;
        var pace = rate.KeepPaceAsync(client, publish.QualityOfServiceLevel, connection);
        if (!pace.IsCompleted)
        {
            // Those before it need not wait for what has come too fast.
            TakeWaiting(connection);
        }

        if (await pace)
        {
            submission = intake.Judge(MqttApplicationMessageFactory.Create(publish), client.TapId, client.ClientId);
            (answer.ReasonCode, answer.ReasonString) = (submission.ReasonCode, submission.Reason);
        }
        else
        {
            (answer.ReasonCode, answer.ReasonString) = (MqttPubAckReasonCode.QuotaExceeded, RateLimit.TooFast);
        }

        lock (_gate)
        {
            (_waiting ??= new Batch()).Add(answer, submission);
        }

        if (Interlocked.Increment(ref _unanswered) >= maxInFlight)
        {
            TakeWaiting(connection);
            await _taking.WaitAsync(connection);
        }
    }

    /// <summary>Begins to take what waits, unless that goes on already: then it is the next.</summary>
    public void TakeWaiting(CancellationToken connection)
    {
        lock (_gate)
        {
            if (_isTaking || _waiting is null)
            {
                return;
            }

            _isTaking = true;
        }

        _taking = TakeAsync(connection);
    }

    /// <summary>Lets a packet through to the MQTT server: a message, or the end, when all before it is answered.</summary>
    /// <param name="packet">The packet; null for the end.</param>
    /// <param name="patience">How long the answers may take.</param>
    /// <param name="connection">Cancelled when the connection ends.</param>
    public async Task LetThroughAsync(MqttPacket? packet, TimeSpan patience, CancellationToken connection)
    {
        TakeWaiting(connection);
        if (packet is null or MqttPublishPacket or MqttDisconnectPacket)
        {
            // A message without its answer is sent again, over the next connection.
            await Task.WhenAll(_taking, ByServer).WaitAsync(patience, time, connection).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            connection.ThrowIfCancellationRequested();
        }

        if (packet is MqttPublishPacket { QualityOfServiceLevel: MqttQualityOfServiceLevel.AtLeastOnce })
        {
            // What comes behind it is taken when the server has acknowledged it.
            _byServer = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        _seenByServer = time.GetTimestamp();
    }

    /// <summary>The MQTT server has acknowledged what was let through to it.</summary>
    public void AnsweredByServer() => Interlocked.Exchange(ref _byServer, null)?.TrySetResult();

    private async Task TakeAsync(CancellationToken connection)
    {
        try
        {
            while (Next() is { } batch)
            {
                await ByServer;
                await intake.TakeAsync(batch.Submissions, connection);
                batch.Answers.ForEach(answer => flow.Sending(answer));
                await sender.SendAsync(batch.Answers, connection);
                Interlocked.Add(ref _unanswered, -batch.Answers.Count);
            }
        }
        catch (Exception ex)
        {
            failed(ex);
        }
    }

    private Batch? Next()
    {
        lock (_gate)
        {
            var next = _waiting;
            (_waiting, _isTaking) = (null, next is not null);
            return next;
        }
    }

    /// <summary>Messages that are taken together.</summary>
    private sealed class Batch
    {
        public List<Submission> Submissions { get; } = [];

        public List<MqttPacket> Answers { get; } = [];

        public void Add(MqttPubAckPacket answer, Submission? submission)
        {
            Answers.Add(answer);
            if (submission is not null)
            {
                Submissions.Add(submission);
            }
        }
    }
}
