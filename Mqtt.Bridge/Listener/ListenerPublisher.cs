using System.Globalization;
using System.Text;
using Mqtt.Bridge.Clients;
using Mqtt.Bridge.Intake;
using Mqtt.Bridge.Outbound;
using MQTTnet;
using MQTTnet.Protocol;
using MQTTnet.Server;
using Taproom.Signals;

namespace Mqtt.Bridge.Listener;

/// <summary>Publishes to the taps that are connected to this bridge.</summary>
internal sealed class ListenerPublisher : ITapPublisher
{
    /// <summary>Sender of what the bridge itself publishes.</summary>
    public const string SenderId = "taproom";

    private const string Commands = "commands";
    private const string Receipts = "receipts";

    /// <summary>Bytes of a receipt's packet besides its ids, and of each id in it, at most.</summary>
    private const int ReceiptOverhead = 80;
    private const int BytesPerId = 39;

    private readonly MqttServer _server;
    private readonly ClientRegistry _clients;

    public ListenerPublisher(MqttServer server, ClientRegistry clients)
    {
        (_server, _clients) = (server, clients);
        server.ClientSubscribedTopicAsync += SubscribedAsync;
        server.ClientAcknowledgedPublishPacketAsync += AcknowledgedAsync;
        server.InterceptingClientEnqueueAsync += LeaveOutAsync;
    }

    /// <inheritdoc />
    public event Action<int>? Ready;

    /// <inheritdoc />
    public event Action<int, string>? CommandTaken;

    /// <inheritdoc />
    public IReadOnlyList<int> TapIds => _clients.TapIds;

    /// <inheritdoc />
    public bool Reaches(int tapId) => _clients.OfTap(tapId).Any(client => client.ListensTo(Commands));

    /// <inheritdoc />
    public async Task<bool> SendCommandAsync(int tapId, string command, CancellationToken cancellationToken)
    {
        var json = Encoding.UTF8.GetBytes(command);
        await TellAsync(TapTopic.Of(tapId, Commands), json, cancellationToken);
        return true;
    }

    /// <inheritdoc />
    public async Task SendReceiptAsync(int tapId, Receipt receipt, CancellationToken cancellationToken)
    {
        var clients = _clients.OfTap(tapId);
        var smallest = clients.Select(client => client.MaxPacketSize).DefaultIfEmpty(uint.MaxValue).Min();
        var most = (int)Math.Clamp((smallest - (long)ReceiptOverhead) / BytesPerId, 1, ReceiptRelay.MaxIds);
        using var activity = clients.Any(client => client.ListensTo(Receipts))
            ? ReceiptTelemetry.StartPublish(receipt, TapTopic.Of(tapId, Receipts))
            : null;
        foreach (var part in _clients.Count > 0 ? receipt.IdsAsSent.Chunk(most) : [])
        {
            await TellAsync(TapTopic.Of(tapId, Receipts), ReceiptRelay.ToJson(part), cancellationToken);
        }
    }

    /// <inheritdoc />
    public Task NotifyAsync(string topic, byte[] json, int? exceptTapId, CancellationToken cancellationToken) =>
        PublishAsync(
            _server,
            OutboundMessage.Of(topic, json, MqttQualityOfServiceLevel.AtMostOnce),
            exceptTapId is { } tapId ? SenderFor(tapId) : SenderId,
            cancellationToken
        );

    /// <summary>The sender of what is not for one tap, by which it is left out.</summary>
    private static string SenderFor(int tapId) => string.Create(CultureInfo.InvariantCulture, $"{SenderId}/{tapId}");

    /// <summary>Retains a message for whoever subscribes; an empty one removes what is retained.</summary>
    public static Task RetainAsync(MqttServer server, string topic, byte[] payload, CancellationToken cancellationToken) =>
        PublishAsync(server, OutboundMessage.Retained(topic, payload), SenderId, cancellationToken);

    private Task TellAsync(string topic, byte[] json, CancellationToken cancellationToken) =>
        PublishAsync(_server, OutboundMessage.Of(topic, json, MqttQualityOfServiceLevel.AtLeastOnce), SenderId, cancellationToken);

    private static Task PublishAsync(MqttServer server, MqttApplicationMessage message, string senderId, CancellationToken cancellationToken) =>
        server.InjectApplicationMessage(new InjectedMqttApplicationMessage(message) { SenderClientId = senderId }, cancellationToken);

    private Task SubscribedAsync(ClientSubscribedTopicEventArgs subscription)
    {
        if (TapClient.Of(subscription.SessionItems) is { TapId: { } tapId } client && client.Covers(subscription.TopicFilter.Topic, Commands))
        {
            Ready?.Invoke(tapId);
        }

        return Task.CompletedTask;
    }

    private Task AcknowledgedAsync(ClientAcknowledgedPublishPacketEventArgs acknowledgement)
    {
        // Only the tap itself: an anonymous client may listen to its commands, too.
        if (TapClient.Of(acknowledgement.SessionItems) is { TapId: { } tapId } && acknowledgement.PublishPacket.Topic == TapTopic.Of(tapId, Commands))
        {
            CommandTaken?.Invoke(tapId, Encoding.UTF8.GetString(acknowledgement.PublishPacket.Payload));
        }

        return Task.CompletedTask;
    }

    private Task LeaveOutAsync(InterceptingClientApplicationMessageEnqueueEventArgs enqueue)
    {
        if (_clients.Find(enqueue.ReceiverClientId) is { TapId: { } tapId } && enqueue.SenderClientId == SenderFor(tapId))
        {
            enqueue.AcceptEnqueue = false;
        }

        return Task.CompletedTask;
    }
}
