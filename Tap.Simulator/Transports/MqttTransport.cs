using Microsoft.Extensions.Options;
using MQTTnet.Formatter;
using MQTTnet.Protocol;
using Taproom;

namespace Tap.Simulator.Transports;

/// <summary>Taps that speak MQTT 5.0 or 3.1.1.</summary>
internal sealed class MqttTransport(IOptions<TransportOptions> options, PublishMetrics metrics, TimeProvider time) : ITapTransport
{
    /// <summary>The bridge, or a broker.</summary>
    public MqttAddress Bridge { get; } = MqttAddress.Parse(options.Value.Mqtt!)!;

    public string Address => $"{Bridge}";

    /// <summary>Version of MQTT.</summary>
    public MqttProtocolVersion Version { get; } =
        options.Value.Protocol == TransportOptions.Mqtt311 ? MqttProtocolVersion.V311 : MqttProtocolVersion.V500;

    /// <summary>With which QoS the taps publish.</summary>
    public MqttQualityOfServiceLevel Qos => (MqttQualityOfServiceLevel)options.Value.Qos;

    /// <summary>Whether a pour is kept until its receipt; else until its PUBACK.</summary>
    public bool Receipts => options.Value.Receipts;

    /// <summary>Counts what is acknowledged.</summary>
    public PublishMetrics Metrics => metrics;

    /// <summary>The clock.</summary>
    public TimeProvider Time => time;

    public async Task<ITapConnection> OpenAsync(
        TapIdentity tap,
        string token,
        Action<IReadOnlyList<Guid>> received,
        bool mayStopReading,
        CancellationToken cancellationToken
    )
    {
        var connection = new MqttTapConnection(tap, this);
        try
        {
            await connection.ConnectAsync(token, received, mayStopReading, cancellationToken);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }
}
