using MQTTnet.Diagnostics.PacketInspection;

namespace MQTTnet;

/// <summary>An MQTT client. Handlers of an event are awaited one after the other.</summary>
public interface IMqttClient : IDisposable
{
    /// <summary>One message at a time; the next waits until the handlers of this one are done.</summary>
    event Func<MqttApplicationMessageReceivedEventArgs, Task> ApplicationMessageReceivedAsync;

    /// <summary>The connection stands; ConnectAsync returns after the handlers.</summary>
    event Func<MqttClientConnectedEventArgs, Task> ConnectedAsync;

    /// <summary>A connection is about to be made.</summary>
    event Func<MqttClientConnectingEventArgs, Task> ConnectingAsync;

    /// <summary>The connection is gone, or could not be made. Runs on its own; nobody waits for it.</summary>
    event Func<MqttClientDisconnectedEventArgs, Task> DisconnectedAsync;

    /// <summary>Not in the stand-in: adding a handler throws <see cref="NotSupportedException"/>.</summary>
    event Func<InspectMqttPacketEventArgs, Task> InspectPacketAsync;

    bool IsConnected { get; }

    /// <summary>Those of the last connect; null before the first.</summary>
    MqttClientOptions? Options { get; }

    /// <summary>
    /// Connects. A refusal by the server is a result, not an exception; no way to the server is a
    /// <see cref="Exceptions.MqttCommunicationException"/>.
    /// </summary>
    Task<MqttClientConnectResult> ConnectAsync(MqttClientOptions options, CancellationToken cancellationToken = default);

    /// <summary>Sends DISCONNECT and closes. Does nothing when there is no connection.</summary>
    Task DisconnectAsync(MqttClientDisconnectOptions options, CancellationToken cancellationToken = default);

    /// <summary>Sends PINGREQ and waits for the answer.</summary>
    Task PingAsync(CancellationToken cancellationToken = default);

    /// <summary>Publishes; with QoS 1 and 2 returns when the server has acknowledged.</summary>
    Task<MqttClientPublishResult> PublishAsync(MqttApplicationMessage applicationMessage, CancellationToken cancellationToken = default);

    /// <summary>Not in the stand-in: throws <see cref="NotSupportedException"/>.</summary>
    Task SendEnhancedAuthenticationExchangeDataAsync(MqttEnhancedAuthenticationExchangeData data, CancellationToken cancellationToken = default);

    /// <summary>Subscribes; a refused filter is a result code, not an exception.</summary>
    Task<MqttClientSubscribeResult> SubscribeAsync(MqttClientSubscribeOptions options, CancellationToken cancellationToken = default);

    Task<MqttClientUnsubscribeResult> UnsubscribeAsync(MqttClientUnsubscribeOptions options, CancellationToken cancellationToken = default);
}
