using System.Diagnostics;
using System.Text;
using System.Threading.Channels;
using Mqtt.Bridge.Intake;
using Mqtt.Bridge.Outbound;
using MQTTnet;
using MQTTnet.Protocol;
using Taproom;
using Taproom.Signals;

namespace Mqtt.Bridge.Upstream;

/// <summary>Publishes to the taps at the broker, over the connection that there is now.</summary>
internal sealed partial class UpstreamPublisher(UpstreamLead lead, UpstreamTaps taps, ListenerGate gate, ILogger<UpstreamPublisher> logger)
    : ITapPublisher
{
    private const int RememberedIds = 50_000;

    private readonly Channel<(string Topic, byte[] Payload)> _notices = Channel.CreateBounded<(string, byte[])>(
        new BoundedChannelOptions(1_000) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true }
    );

    // Only the bridge that took a report from the broker sends its receipt there.
    private readonly RecentSet<Guid> _taken = new(RememberedIds);

    private volatile UpstreamConnection? _connection;
    private volatile bool _refusalLogged;

    /// <inheritdoc />
    public event Action<int>? Ready
    {
        add => taps.Ready += value;
        remove => taps.Ready -= value;
    }

    /// <inheritdoc />
    public event Action<int, string>? CommandTaken;

    /// <inheritdoc />
    public IReadOnlyList<int> TapIds => taps.TapIds;

    /// <inheritdoc />
    public bool Reaches(int tapId) => taps.Has(tapId);

    /// <summary>A report with this id was taken from the broker.</summary>
    public void Took(Guid id) => _taken.Add(id);

    /// <inheritdoc />
    public async Task<bool> SendCommandAsync(int tapId, string command, CancellationToken cancellationToken)
    {
        var sent = await PublishAsync(TapTopic.Of(tapId, "commands"), Encoding.UTF8.GetBytes(command), cancellationToken);
        if (sent)
        {
            CommandTaken?.Invoke(tapId, command);
        }

        return sent;
    }

    /// <inheritdoc />
    public async Task SendReceiptAsync(int tapId, Receipt receipt, CancellationToken cancellationToken)
    {
        string[] taken = [.. receipt.Ids.Zip(receipt.IdsAsSent).Where(id => _taken.Contains(id.First)).Select(id => id.Second)];
        if (taken.Length > 0)
        {
            var topic = TapTopic.Of(tapId, "receipts");
            using var activity = ReceiptTelemetry.StartPublish(receipt, topic);
            if (!await PublishAsync(topic, ReceiptRelay.ToJson(taken), cancellationToken))
            {
                activity?.SetStatus(ActivityStatusCode.Error).SetTag("error.type", "not_published");
            }
        }
    }

    /// <inheritdoc />
    public Task NotifyAsync(string topic, byte[] json, int? exceptTapId, CancellationToken cancellationToken)
    {
        if (_connection is not null && lead.IsOurs)
        {
            _notices.Writer.TryWrite((topic, json));
        }

        return Task.CompletedTask;
    }

    /// <summary>Publishes over a connection until cancelled.</summary>
    public async Task UseAsync(UpstreamConnection connection, CancellationToken cancellationToken)
    {
        // Who listens there is known to the broker only.
        using var listening = gate.Enter();
        _connection = connection;
        _refusalLogged = false;
        try
        {
            await foreach (var (topic, payload) in _notices.Reader.ReadAllAsync(cancellationToken))
            {
                await connection.NotifyAsync(OutboundMessage.Of(topic, payload, MqttQualityOfServiceLevel.AtMostOnce), cancellationToken);
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

    /// <returns>Whether the broker has it, for somebody who subscribes to it.</returns>
    private async Task<bool> PublishAsync(string topic, byte[] payload, CancellationToken cancellationToken)
    {
        if (_connection is not { } connection)
        {
            return false;
        }

        try
        {
            var message = OutboundMessage.Of(topic, payload, MqttQualityOfServiceLevel.AtLeastOnce);
            var answer = await connection.PublishAsync(message, cancellationToken);
            Check(topic, answer);
            return answer is MqttClientPublishReasonCode.Success;
        }
        catch (Exception ex) when (!cancellationToken.IsCancellationRequested)
        {
            LogNotPublished(topic, ex.Message);
            return false;
        }
    }

    private void Check(string topic, MqttClientPublishReasonCode answer)
    {
        // Logged once for a connection: the broker would refuse every message for the same reason.
        if (answer is not (MqttClientPublishReasonCode.Success or MqttClientPublishReasonCode.NoMatchingSubscribers) && !_refusalLogged)
        {
            _refusalLogged = true;
            LogRefused(topic, answer);
        }
    }

    [LoggerMessage(LogLevel.Warning, "The broker does not let this bridge publish to {Topic}: {Answer}.")]
    private partial void LogRefused(string topic, MqttClientPublishReasonCode answer);

    [LoggerMessage(LogLevel.Debug, "Not published to {Topic} at the broker: {Message}")]
    private partial void LogNotPublished(string topic, string message);
}
