namespace MQTTnet.Server;

/// <summary>Settings of a server.</summary>
public sealed class MqttServerOptions
{
    /// <summary>Longest wait for CONNECT and for the TLS handshake.</summary>
    public TimeSpan DefaultCommunicationTimeout { get; set; } = TimeSpan.FromSeconds(100);

    public MqttServerTcpEndpointOptions DefaultEndpointOptions { get; } = new();

    /// <summary>Keep sessions of clients that ask for it after they disconnect. In memory only.</summary>
    public bool EnablePersistentSessions { get; set; }

    public MqttServerKeepAliveOptions KeepAliveOptions { get; } = new();

    /// <summary>Messages that may wait for one client.</summary>
    public int MaxPendingMessagesPerClient { get; set; } = 1000;

    public MqttPendingMessagesOverflowStrategy PendingMessagesOverflowStrategy { get; set; } = MqttPendingMessagesOverflowStrategy.DropOldestQueuedMessage;

    public MqttServerTlsTcpEndpointOptions TlsEndpointOptions { get; } = new();

    /// <summary>Kept for source compatibility; the stand-in sizes its buffers itself.</summary>
    public int WriterBufferSize { get; set; } = 4096;

    /// <summary>Kept for source compatibility; the stand-in sizes its buffers itself.</summary>
    public int WriterBufferSizeMax { get; set; } = 65535;
}

/// <summary>What happens to a message for a client whose queue is full.</summary>
public enum MqttPendingMessagesOverflowStrategy
{
    DropOldestQueuedMessage,
    DropNewMessage,
}

/// <summary>How the server watches the keep-alive of its clients.</summary>
public sealed class MqttServerKeepAliveOptions
{
    /// <summary>When false, bytes of an incomplete packet count as a sign of life.</summary>
    public bool DisconnectClientWhenReadingPayload { get; set; }

    public TimeSpan MonitorInterval { get; set; } = TimeSpan.FromMilliseconds(500);
}
