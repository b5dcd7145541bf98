using System.Net;
using System.Security.Cryptography.X509Certificates;

namespace MQTTnet.Adapter;

/// <summary>A network connection as event handlers of the server see it.</summary>
public interface IMqttChannelAdapter
{
    long BytesReceived { get; }

    long BytesSent { get; }

    X509Certificate2? ClientCertificate { get; }

    bool IsSecureConnection { get; }

    EndPoint? RemoteEndPoint { get; }
}
