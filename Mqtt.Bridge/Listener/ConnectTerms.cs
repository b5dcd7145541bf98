using Mqtt.Bridge.Clients;
using MQTTnet.Packets;

namespace Mqtt.Bridge.Listener;

/// <summary>What a client gets that it did not ask for in its CONNECT, and is told in the CONNACK where MQTT 5 has room for it.</summary>
/// <param name="AssignedClientId">The client id that the server has given it, or null.</param>
/// <param name="ServerKeepAlive">The keep-alive in place of its own, in seconds; 0 for its own.</param>
/// <param name="MaxInFlight">Messages that it may have under way.</param>
/// <param name="WantsSession">Whether it asked for a session that outlives its connection, which none does here.</param>
internal sealed record ConnectTerms(string? AssignedClientId, ushort ServerKeepAlive, int MaxInFlight, bool WantsSession)
{
    /// <summary>Changes a CONNECT into one that the MQTT server can take.</summary>
    public static ConnectTerms Agree(MqttConnectPacket connect, bool isVersion5, MqttListenerOptions options)
    {
        string? clientId = null;
        if (connect.ClientId.Length == 0)
        {
            connect.ClientId = clientId = $"taproom-{Guid.CreateVersion7():N}";
        }

        var wantsSession = !connect.CleanSession || connect.SessionExpiryInterval > 0;
        // No session outlives its connection; what a tap may miss waits in Redis, and so does which message of QoS 2 it has not released.
        connect.CleanSession = true;
        var longest = (ushort)options.MaxKeepAlive.TotalSeconds;
        var isTooLong = isVersion5 && (connect.KeepAlivePeriod == 0 || connect.KeepAlivePeriod > longest);
        connect.KeepAlivePeriod = isTooLong ? longest : connect.KeepAlivePeriod;
        return new ConnectTerms(clientId, isTooLong ? longest : (ushort)0, options.MaxInFlight, wantsSession);
    }

    /// <summary>Tells the client.</summary>
    public void Announce(MqttConnAckPacket answer, int maxPacketSize)
    {
        answer.AssignedClientIdentifier = AssignedClientId;
        answer.ServerKeepAlive = ServerKeepAlive;
        answer.ReceiveMaximum = (ushort)MaxInFlight;
        answer.MaximumPacketSize = (uint)maxPacketSize;
        answer.TopicAliasMaximum = PacketFlow.MaxTopicAliases;
    }
}
