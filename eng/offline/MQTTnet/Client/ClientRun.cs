using System.Threading.Channels;
using MQTTnet.Packets;

namespace MQTTnet;

/// <summary>What belongs to one connection of a client, from the connect to its end.</summary>
internal sealed class ClientRun(MqttClientOptions options)
{
    private readonly CancellationTokenSource _stopping = new();

    public MqttClientOptions Options { get; } = options;

    public ClientLink? Link { get; set; }

    public PendingAnswers Answers { get; } = new();

    /// <summary>Received messages that wait for the handlers. Unbounded: a handler may wait for an answer that is behind them.</summary>
    public Channel<MqttPublishPacket> Messages { get; } = System.Threading.Channels.Channel.CreateUnbounded<MqttPublishPacket>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });

    public MqttDisconnectPacket? UnexpectedDisconnect { get; set; }

    public MqttClientDisconnectReason DisconnectReason { get; set; } = MqttClientDisconnectReason.UnspecifiedError;

    public bool CleanDisconnect { get; set; }

    public Task Receiving { get; set; } = Task.CompletedTask;

    public Task Handling { get; set; } = Task.CompletedTask;

    public Task KeepingAlive { get; set; } = Task.CompletedTask;

    public CancellationToken Stopping => _stopping.Token;

    /// <summary>Ends the loops and closes the connection.</summary>
    public void Abort()
    {
        _stopping.Cancel();
        Messages.Writer.TryComplete();
        Link?.Dispose();
    }
}
