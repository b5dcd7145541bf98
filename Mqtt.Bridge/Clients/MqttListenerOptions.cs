using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Mqtt.Bridge.Clients;

/// <summary>Where the bridge listens and what it lets in. Configuration section <c>Mqtt</c>.</summary>
internal sealed class MqttListenerOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string SectionName = "Mqtt";

    /// <summary>
    /// Where both listeners listen: <c>localhost</c>, or an IP address of this machine; null or empty for all of its addresses. The
    /// development profile listens on <c>localhost</c>.
    /// </summary>
    public string? ListenAddress { get; set; }

    /// <summary>TCP port of the listener; 1883 is MQTT's registered one.</summary>
    [Range(1, 65_535)]
    public int Port { get; set; } = 1883;

    /// <summary>
    /// Whether a client gets in without a proof of who it is. Off by default, then user name and password must be a tap's id and
    /// its token; the development profile switches it on.
    /// </summary>
    public bool AllowAnonymous { get; set; }

    /// <summary>TCP port of the TLS listener, which is there when <see cref="TlsCertificate"/> is set; 8883 is the registered one.</summary>
    [Range(1, 65_535)]
    public int TlsPort { get; set; } = 8883;

    /// <summary>File of the server's certificate, PEM, with those between it and its authority; null or empty for no TLS listener.</summary>
    public string? TlsCertificate { get; set; }

    /// <summary>File of its private key, PEM; null when <see cref="TlsCertificate"/> holds the key too.</summary>
    public string? TlsKey { get; set; }

    /// <summary>Whether there is a TLS listener.</summary>
    public bool HasTls => !string.IsNullOrEmpty(TlsCertificate);

    /// <summary>Most clients connected at one time; of those that come together at the limit, a few more may get in.</summary>
    [Range(1, 1_000_000)]
    public int MaxConnections { get; set; } = 20_000;

    /// <summary>Most connections of one network address; half of all by default, so that no address can have them all.</summary>
    [Range(1, 1_000_000)]
    public int MaxConnectionsPerAddress { get; set; } = 10_000;

    /// <summary>Messages of QoS 1 and 2 that a tap may have under way; MQTT 5 is told so (Receive Maximum) and disconnected above (0x93).</summary>
    [Range(1, 65_535)]
    public int MaxInFlight { get; set; } = 100;

    /// <summary>Messages that a tap may send a second in the long run; above that MQTT 5 gets 0x97, and MQTT 3.1.1 and QoS 0 wait.</summary>
    [Range(0.1, 1_000_000)]
    public double MaxMessagesPerSecond { get; set; } = 200;

    /// <summary>Messages that a tap may send at once after a quiet time: as many as its journal may hold.</summary>
    [Range(1, 1_000_000)]
    public double MaxMessageBurst { get; set; } = 2_000;

    /// <summary>
    /// Refused attempts of one user name at one network address that are looked into, a second; further ones of that name are refused
    /// unseen (0x9F). All names of an address together may be refused twenty times as often.
    /// </summary>
    [Range(0.01, 10_000)]
    public double MaxRefusalsPerSecond { get; set; } = 5;

    /// <summary>Connections that may wait to be accepted; as many taps come back at once after a power cut.</summary>
    [Range(1, 65_535)]
    public int ConnectionBacklog { get; set; } = 1_024;

    /// <summary>Messages that may wait for one slow client; of more, the oldest are dropped. So many may also be sent and not acknowledged.</summary>
    [Range(1, 100_000)]
    public int MaxPendingMessages { get; set; } = 1_000;

    /// <summary>
    /// Longest keep-alive of MQTT 5: a client that asks for more, or for none, is told this one (Server Keep Alive). It is disconnected
    /// after one and a half times as long without a packet.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "18:00:00")]
    public TimeSpan MaxKeepAlive { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// How long a connection may be quiet before TCP asks the other end whether it is still there. One that vanished is noticed after
    /// twice this time.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:03", "01:00:00")]
    public TimeSpan TcpKeepAlive { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a new connection may take for TLS and for its CONNECT, and a client to take a packet.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan CommunicationTimeout { get; set; } = TimeSpan.FromSeconds(10);
}

/// <summary>Checks <see cref="MqttListenerOptions"/> at start.</summary>
[OptionsValidator]
internal sealed partial class MqttListenerOptionsValidator : IValidateOptions<MqttListenerOptions>;
