using Mqtt.Bridge.Clients;
using Mqtt.Bridge.Intake;
using MQTTnet.Formatter;
using MQTTnet.Packets;
using MQTTnet.Protocol;
using Taproom.Ingest;

namespace Mqtt.Bridge.Listener;

/// <summary>
/// Reports of QoS 1 of one connection: taken side by side, and acknowledged in the order in which they came (MQTT 5, section 4.6), as many
/// as there are by one write.
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
    private readonly Queue<(MqttPubAckPacket? Answer, Task Taken)> _underWay = [];
    private readonly List<MqttPacket> _answers = [];
    private bool _isAnswering;
    private Task _answering = Task.CompletedTask;
    private TaskCompletionSource? _byServer;
    private long _seenByServer;
    private AppendTurn? _newest;

    /// <summary>Whether a message is for this, and not for the MQTT server.</summary>
    public bool IsFor(MqttPublishPacket publish) =>
        publish is { QualityOfServiceLevel: MqttQualityOfServiceLevel.AtLeastOnce, TopicAlias: 0 }
        && !publish.Topic.EndsWith("/status", StringComparison.Ordinal)
        && time.GetElapsedTime(_seenByServer) < MaxUnseen;

    /// <summary>Begins to take a message; returns when the next packet may be read.</summary>
    public async Task BeginAsync(MqttPublishPacket publish, TapClient client, CancellationToken connection)
    {
        if (_underWay.Count >= maxInFlight)
        {
            await _answering.WaitAsync(connection);
        }

        var answer = new MqttPubAckPacket { PacketIdentifier = publish.PacketIdentifier };
        var taken = Task.CompletedTask;
        if (await rate.KeepPaceAsync(client, publish.QualityOfServiceLevel, connection))
        {
            var submission = intake.Judge(MqttApplicationMessageFactory.Create(publish), client.TapId, client.ClientId);
            (answer.ReasonCode, answer.ReasonString) = (submission.ReasonCode, submission.Reason);
            taken = TakeAsync(submission, connection);
        }
        else
        {
            (answer.ReasonCode, answer.ReasonString) = (MqttPubAckReasonCode.QuotaExceeded, RateLimit.TooFast);
        }

        Enqueue(answer, taken, connection);
    }

    /// <summary>Lets a packet through to the MQTT server: a message, or the end, when all before it is answered.</summary>
    /// <param name="packet">The packet; null for the end.</param>
    /// <param name="patience">How long the answers may take.</param>
    /// <param name="connection">Cancelled when the connection ends.</param>
    public async Task LetThroughAsync(MqttPacket? packet, TimeSpan patience, CancellationToken connection)
    {
        if (!_answering.IsCompleted && packet is null or MqttPublishPacket or MqttDisconnectPacket)
        {
            // A message without its answer is sent again, over the next connection.
            await _answering.WaitAsync(patience, time, connection).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            connection.ThrowIfCancellationRequested();
        }

        if (packet is MqttPublishPacket { QualityOfServiceLevel: MqttQualityOfServiceLevel.AtLeastOnce })
        {
            // The server's acknowledgement keeps its place among the others.
            _byServer = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            Enqueue(null, _byServer.Task, connection);
        }

        _seenByServer = time.GetTimestamp();
    }

    /// <summary>The MQTT server has acknowledged what was let through to it.</summary>
    public void AnsweredByServer() => Interlocked.Exchange(ref _byServer, null)?.TrySetResult();

    private Task TakeAsync(Submission submission, CancellationToken connection)
    {
        if (!submission.IsForStream)
        {
            return intake.TakeAsync(submission, connection);
        }

        _newest = new AppendTurn(_newest);
        return _newest.Appended = intake.TakeAsync(submission, connection, _newest);
    }

    private void Enqueue(MqttPubAckPacket? answer, Task taken, CancellationToken connection)
    {
        lock (_gate)
        {
            _underWay.Enqueue((answer, taken));
            if (_isAnswering)
            {
                return;
            }

            _isAnswering = true;
        }

        _answering = AnswerAsync(connection);
    }

    private async Task AnswerAsync(CancellationToken connection)
    {
        try
        {
            while (Oldest() is { } oldest)
            {
                await oldest;
                TakeAnswered();
                if (_answers.Count > 0)
                {
                    await sender.SendAsync(_answers, connection);
                }
            }
        }
        catch (Exception ex)
        {
            failed(ex);
        }
    }

    private Task? Oldest()
    {
        lock (_gate)
        {
            _isAnswering = _underWay.TryPeek(out var oldest);
            return _isAnswering ? oldest.Taken : null;
        }
    }

    private void TakeAnswered()
    {
        _answers.Clear();
        lock (_gate)
        {
            while (_underWay.TryPeek(out var next) && next.Taken.IsCompletedSuccessfully)
            {
                _underWay.Dequeue();
                if (next.Answer is not null)
                {
                    flow.Sending(next.Answer);
                    _answers.Add(next.Answer);
                }
            }
        }
    }
}
