using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Mqtt.Bridge.Upstream;

/// <summary>An existing MQTT broker that the bridge joins. Configuration section <c>Mqtt</c>.</summary>
internal sealed class UpstreamOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string SectionName = "Mqtt";

    /// <summary>The broker, <c>mqtt(s)://user:password@host:port</c> with user and password percent-encoded; null or empty for none.</summary>
    /// <remarks>A string, not a Uri: an error of binding would print the value, and the password in it.</remarks>
    public string? Upstream { get; set; }

    /// <summary>
    /// PEM file of the authorities that may have signed the broker's certificate, for <c>mqtts</c>; null or empty for those that this
    /// machine trusts.
    /// </summary>
    public string? UpstreamCa { get; set; }

    /// <summary>
    /// The client id. The broker keeps messages under it while this bridge is away, so it must stay the same after a restart and differ
    /// between bridges. Null for one made of the machine's name.
    /// </summary>
    [StringLength(200, MinimumLength = 1)]
    public string? UpstreamClientId { get; set; }

    /// <summary>
    /// Name of the shared subscription by which several bridges divide the messages; empty for a plain subscription, with a single bridge.
    /// Mosquitto 2.0.11 forgets shared subscriptions when it restarts. What taps publish before the bridge is back is lost there, and comes
    /// again only from taps that wait for receipts.
    /// </summary>
    [RegularExpression("[^/+#]*")]
    public string UpstreamShare { get; set; } = "taproom";

    /// <summary>
    /// How long the broker keeps messages for this bridge while it is away. Mosquitto 2.0.11 keeps giving an absent bridge its share for
    /// that time, so make it short where several bridges share the load and one may stay away.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "365.00:00:00")]
    public TimeSpan UpstreamSessionExpiry { get; set; } = TimeSpan.FromDays(1);

    /// <summary>Messages that the broker may send before the first of them is acknowledged; that many appends share round trips to Redis.</summary>
    [Range(1, 65_535)]
    public int UpstreamInFlight { get; set; } = 256;

    /// <summary>
    /// Largest packet that the broker may send, in bytes. What is larger than <c>MaxPacketSize</c> is set aside; what is larger than this
    /// the broker drops.
    /// </summary>
    [Range(65_536, 16 * 1_024 * 1_024)]
    public int UpstreamMaxPacketSize { get; set; } = 256 * 1_024;

    /// <summary>How long an attempt to connect, a message to the broker, or a disconnect may take.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:10:00")]
    public TimeSpan UpstreamTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Longest pause between attempts to connect; the first is a hundredth of it, then twice the one before.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:10:00")]
    public TimeSpan UpstreamMaxBackoff { get; set; } = TimeSpan.FromSeconds(2);
}

/// <summary>Checks <see cref="UpstreamOptions"/> at start.</summary>
[OptionsValidator]
internal sealed partial class UpstreamOptionsValidator : IValidateOptions<UpstreamOptions>;
