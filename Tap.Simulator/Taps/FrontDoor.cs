using Microsoft.Extensions.Options;
using MQTTnet.Formatter;
using Tap.Simulator.Faults;
using Tap.Simulator.Http;
using Tap.Simulator.Mqtt;

namespace Tap.Simulator.Taps;

/// <summary>Where the taps report, over the protocol that they are told to speak.</summary>
internal sealed class FrontDoor(
    BridgeAddress bridge,
    ApiAddress api,
    TapRegistration registration,
    PublishMetrics metrics,
    IOptions<SimulatorOptions> options,
    IOptions<FaultOptions> faults,
    TimeProvider time
)
{
    private readonly SimulatorOptions _options = options.Value;
    private readonly bool _slowLines = faults.Value.StopReading > 0;

    /// <summary>Where it is, for the log.</summary>
    public string Name => _options.Protocol == Protocols.Http ? api.Uri.Authority : $"{bridge.Host}:{bridge.Port}";

    /// <summary>Opens a connection of a tap, with the tap's token where it needs one.</summary>
    /// <param name="tap">The tap.</param>
    /// <param name="received">Called with the ids of each receipt.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public async Task<ITapConnection> OpenAsync(TapIdentity tap, Action<IReadOnlyList<Guid>> received, CancellationToken cancellationToken)
    {
        var token = await registration.TokenOfAsync(tap, cancellationToken);
        return _options.Protocol switch
        {
            Protocols.Http => await HttpTapConnection.OpenAsync(
                tap,
                token,
                new HttpDoor(api.Uri, _options.Receipts, _slowLines, time),
                cancellationToken
            ),
            Protocols.Mqtt311 => await OpenAsync(MqttProtocolVersion.V311),
            _ => await OpenAsync(MqttProtocolVersion.V500),
        };

        Task<MqttTapConnection> OpenAsync(MqttProtocolVersion version) =>
            MqttTapConnection.OpenAsync(
                tap,
                token,
                new MqttDoor(bridge, version, _options.Receipts, _slowLines, metrics, time),
                received,
                cancellationToken
            );
    }

    /// <summary>A tap's token was not taken, so its next connection needs another.</summary>
    public void Forget(TapIdentity tap) => registration.Forget(tap);
}

/// <summary>What taps can speak.</summary>
internal static class Protocols
{
    /// <summary>MQTT 5.0.</summary>
    public const string Mqtt5 = "mqtt5";

    /// <summary>MQTT 3.1.1.</summary>
    public const string Mqtt311 = "mqtt3.1.1";

    /// <summary>HTTP.</summary>
    public const string Http = "http";
}
