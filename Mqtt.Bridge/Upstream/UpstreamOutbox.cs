using System.Threading.Channels;
using Microsoft.Extensions.Options;
using MQTTnet;
using MQTTnet.Protocol;

namespace Mqtt.Bridge.Upstream;

/// <summary>What this bridge has to say to the taps at the broker, over whatever connection there is.</summary>
internal sealed partial class UpstreamOutbox(UpstreamLead lead, IOptions<UpstreamOptions> options, TimeProvider time, ILogger<UpstreamOutbox> logger)
{
    private const int RememberedIds = 50_000;

    private readonly Channel<(string Topic, byte[] Payload)> _notices = Channel.CreateBounded<(string, byte[])>(
        new BoundedChannelOptions(1_000) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true }
    );

    private volatile UpstreamConnection? _connection;
    private volatile bool _refusalTold;

    /// <summary>Ids of what this bridge has taken from the broker: it, and no other, brings their receipts there.</summary>
    public RecentIds Taken { get; } = new(RememberedIds);

    /// <summary>Publishes a message with QoS 1, where a broker is joined and connected.</summary>
    /// <returns>Whether the broker has it, for somebody who subscribes to it.</returns>
    public async Task<bool> PublishAsync(string topic, byte[] payload, CancellationToken cancellationToken)
    {
        if (_connection is not { } connection)
        {
            return false;
        }

        using var timeout = new CancellationTokenSource(options.Value.UpstreamTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            var answer = await connection.PublishAsync(topic, payload, MqttQualityOfServiceLevel.AtLeastOnce, either.Token);
            Check(topic, answer);
            return answer is MqttClientPublishReasonCode.Success;
        }
        catch (Exception ex) when (!cancellationToken.IsCancellationRequested)
        {
            LogNotPublished(topic, ex.Message);
            return false;
        }
    }

    /// <summary>Tells all taps something with QoS 0, where this bridge is the one to do that; never waits for it.</summary>
    public void Tell(string topic, byte[] payload)
    {
        if (_connection is not null && lead.IsOurs)
        {
            _notices.Writer.TryWrite((topic, payload));
        }
    }

    /// <summary>Speaks over a connection until cancelled.</summary>
    public async Task SpeakAsync(UpstreamConnection connection, CancellationToken cancellationToken)
    {
        _connection = connection;
        _refusalTold = false;
        try
        {
            await foreach (var (topic, payload) in _notices.Reader.ReadAllAsync(cancellationToken))
            {
                await connection.PublishAsync(topic, payload, MqttQualityOfServiceLevel.AtMostOnce, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The connection has ended.
        }
        finally
        {
            _connection = null;
        }
    }

    private void Check(string topic, MqttClientPublishReasonCode answer)
    {
        // Once for a connection: what is wrong then is wrong with every message.
        if (answer is not (MqttClientPublishReasonCode.Success or MqttClientPublishReasonCode.NoMatchingSubscribers) && !_refusalTold)
        {
            _refusalTold = true;
            LogRefused(topic, answer);
        }
    }

    [LoggerMessage(LogLevel.Warning, "The broker does not let this bridge publish to {Topic}: {Answer}.")]
    private partial void LogRefused(string topic, MqttClientPublishReasonCode answer);

    [LoggerMessage(LogLevel.Debug, "Not published to {Topic} at the broker: {Message}")]
    private partial void LogNotPublished(string topic, string message);
}
