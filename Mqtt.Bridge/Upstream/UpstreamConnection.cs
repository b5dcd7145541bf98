using System.Threading.Channels;
using MQTTnet;
using MQTTnet.Formatter;
using MQTTnet.Protocol;
using Taproom.Bridge.Intake;
using Taproom.Bridge.Listener;

namespace Taproom.Bridge.Upstream;

/// <summary>One connection to the broker: hands its messages to the intake and acknowledges each after its append.</summary>
/// <remarks>Appends of several messages are under way at a time; acknowledgements leave in the order of the messages (MQTT 5, section 4.6).</remarks>
internal sealed class UpstreamConnection : IDisposable
{
    // Who may publish what is the broker's business.
    private static readonly TapClient Sender = new(null, MqttProtocolVersion.V500);
    private static readonly string[] Channels = ["pours", "readings", "events"];

    private readonly MessageIntake _intake;
    private readonly RecentIds _taken;
    private readonly UpstreamOptions _options;
    private readonly IMqttClient _client = new MqttClientFactory().CreateMqttClient();
    private readonly Channel<(MqttApplicationMessageReceivedEventArgs Message, Task Taken)> _work;

    // Not disposed with the rest: the client tells of the disconnect on a thread of its own, perhaps after all of this.
    private readonly CancellationTokenSource _lost = new();

    public UpstreamConnection(MessageIntake intake, RecentIds taken, UpstreamOptions options)
    {
        (_intake, _taken, _options) = (intake, taken, options);
        _work = Channel.CreateBounded<(MqttApplicationMessageReceivedEventArgs, Task)>(
            new BoundedChannelOptions(options.UpstreamInFlight) { SingleReader = true, SingleWriter = true });
        _client.DisconnectedAsync += _ => _lost.CancelAsync();
        _client.ApplicationMessageReceivedAsync += TakeAsync;
    }

    /// <summary>Cancelled when the connection is lost.</summary>
    public CancellationToken Lost => _lost.Token;

    /// <summary>Connects to the session that the broker keeps, and subscribes to the topics of taps, shared with the other bridges.</summary>
    /// <exception cref="InvalidOperationException">The broker refused the connection or a subscription.</exception>
    public async Task OpenAsync(UpstreamAddress address, CancellationToken cancellationToken)
    {
        var connected = await _client.ConnectAsync(address.ToClientOptions(_options), cancellationToken);
        if (connected.ResultCode is not MqttClientConnectResultCode.Success)
        {
            throw new InvalidOperationException($"The broker refused the connection: {connected.ResultCode}.");
        }

        var share = _options.UpstreamShare.Length > 0 ? $"$share/{_options.UpstreamShare}/" : "";
        foreach (var channel in Channels)
        {
            var subscribed = await _client.SubscribeAsync(
                new MqttClientSubscribeOptionsBuilder()
                    .WithTopicFilter($"{share}taps/+/{channel}", MqttQualityOfServiceLevel.AtLeastOnce)
                    .Build(),
                cancellationToken);
            if (subscribed.Items.Single().ResultCode > MqttClientSubscribeResultCode.GrantedQoS2)
            {
                throw new InvalidOperationException($"The broker refused the subscription to {channel}: {subscribed.Items.Single().ResultCode}.");
            }
        }
    }

    /// <summary>Acknowledges what the intake has taken, until the connection is lost or closed.</summary>
    public async Task AcknowledgeAsync()
    {
        await foreach (var (message, taken) in _work.Reader.ReadAllAsync())
        {
            try
            {
                await taken;
                await message.AcknowledgeAsync(_lost.Token);
            }
            catch (OperationCanceledException) when (_lost.IsCancellationRequested)
            {
                // Not acknowledged: the broker sends it again.
            }
        }
    }

    /// <summary>Publishes a message with QoS 1.</summary>
    public Task PublishAsync(string topic, byte[] payload, CancellationToken cancellationToken) => _client.PublishAsync(
        new MqttApplicationMessageBuilder()
            .WithTopic(topic)
            .WithPayload(payload)
            .WithContentType("application/json")
            .WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce)
            .Build(),
        cancellationToken);

    /// <summary>Takes no more messages; what was taken is still acknowledged.</summary>
    public void StopTaking() => _work.Writer.TryComplete();

    /// <summary>Takes leave; the broker keeps the session.</summary>
    public async Task CloseAsync(CancellationToken cancellationToken)
    {
        if (!_lost.IsCancellationRequested && _client.IsConnected)
        {
            await _client.DisconnectAsync(new MqttClientDisconnectOptionsBuilder().Build(), cancellationToken);
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        StopTaking();
        _client.Dispose();
        _lost.Cancel();
    }

    private async Task TakeAsync(MqttApplicationMessageReceivedEventArgs message)
    {
        message.AutoAcknowledge = false;
        if (await _work.Writer.WaitToWriteAsync(_lost.Token))
        {
            var submission = _intake.Judge(Sender, message.ApplicationMessage);
            // Before the append: the receipt may be here before the answer of Redis.
            _taken.Add(submission.Id);
            _work.Writer.TryWrite((
                message, _intake.TakeAsync(submission, message.ClientId, message.ApplicationMessage, _lost.Token)));
        }
    }
}
