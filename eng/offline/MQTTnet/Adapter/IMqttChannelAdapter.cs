using System.Net;
using System.Security.Cryptography.X509Certificates;
using MQTTnet.Formatter;
using MQTTnet.Packets;

namespace MQTTnet.Adapter;

/// <summary>A network connection that carries packets.</summary>
public interface IMqttChannelAdapter : IDisposable
{
    long BytesReceived { get; }

    long BytesSent { get; }

    X509Certificate2? ClientCertificate { get; }

    bool IsSecureConnection { get; }

    EndPoint? LocalEndPoint { get; }

    MqttPacketFormatterAdapter PacketFormatterAdapter { get; }

    EndPoint? RemoteEndPoint { get; }

    Task ConnectAsync(CancellationToken cancellationToken);

    Task DisconnectAsync(CancellationToken cancellationToken);

    /// <summary>Returns null at the end of the connection.</summary>
    Task<MqttPacket?> ReceivePacketAsync(CancellationToken cancellationToken);

    void ResetStatistics();

    Task SendPacketAsync(MqttPacket packet, CancellationToken cancellationToken);
}
