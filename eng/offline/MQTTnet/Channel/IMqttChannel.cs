using System.Buffers;
using System.Net;
using System.Security.Cryptography.X509Certificates;

namespace MQTTnet.Channel;

/// <summary>A network connection that carries bytes.</summary>
public interface IMqttChannel : IDisposable
{
    X509Certificate2? ClientCertificate { get; }

    bool IsSecureConnection { get; }

    EndPoint? LocalEndPoint { get; }

    EndPoint? RemoteEndPoint { get; }

    Task ConnectAsync(CancellationToken cancellationToken);

    Task DisconnectAsync(CancellationToken cancellationToken);

    /// <summary>Returns 0 at the end of the connection.</summary>
    Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken);

    Task WriteAsync(ReadOnlySequence<byte> buffer, bool isEndOfPacket, CancellationToken cancellationToken);
}
