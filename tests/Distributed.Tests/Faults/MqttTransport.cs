using System.Text.Json;
using MQTTnet;
using MQTTnet.Formatter;
using MQTTnet.Protocol;

namespace Distributed.Tests.Faults;

/// <summary>A bridge or a broker, over MQTT with QoS 1.</summary>
/// <param name="port">Its port on loopback.</param>
/// <param name="version">The version of MQTT.</param>
/// <param name="tokens">The taps' tokens; null for a broker that lets everybody in.</param>
/// <param name="receipts">Whether the tap wants its receipts.</param>
internal sealed class MqttTransport(int port, MqttProtocolVersion version, IReadOnlyDictionary<int, string>? tokens, bool receipts) : ITapTransport
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <inheritdoc />
    public async Task<ITapConnection> OpenAsync(int tap, Action<IReadOnlyList<Guid>> stored, CancellationToken cancellationToken)
    {
        var connection = new Connection(tap);
        try
        {
            await connection.ConnectAsync(Options(tap), receipts ? stored : null, cancellationToken);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private MqttClientOptions Options(int tap)
    {
        var options = new MqttClientOptionsBuilder()
            .WithTcpServer("127.0.0.1", port)
            .WithProtocolVersion(version)
            .WithClientId($"tap-{tap}")
            .WithCleanStart()
            .WithKeepAlivePeriod(Patience)
            .WithTimeout(Patience);
        return (tokens is null ? options : options.WithCredentials($"{tap}", tokens[tap])).Build();
    }

    private sealed class Connection(int tap) : ITapConnection
    {
        private readonly IMqttClient _client = new MqttClientFactory().CreateMqttClient();

        // Not disposed: the client tells of a disconnect on a thread of its own.
        private readonly CancellationTokenSource _lost = new();

        public int Window => 8;

        public CancellationToken Lost => _lost.Token;

        public async Task ConnectAsync(MqttClientOptions options, Action<IReadOnlyList<Guid>>? stored, CancellationToken cancellationToken)
        {
            _client.DisconnectedAsync += _ => _lost.CancelAsync();
            var connected = await _client.ConnectAsync(options, cancellationToken);
            if (connected.ResultCode is not MqttClientConnectResultCode.Success)
            {
                throw new IOException($"The connection is refused: {connected.ResultCode}.");
            }

            if (stored is not null)
            {
                _client.ApplicationMessageReceivedAsync += message =>
                {
                    using var json = JsonDocument.Parse(message.ApplicationMessage.Payload);
                    stored([.. json.RootElement.GetProperty("ids").EnumerateArray().Select(id => id.GetGuid())]);
                    return Task.CompletedTask;
                };
                await _client.SubscribeAsync($"taps/{tap}/receipts", MqttQualityOfServiceLevel.AtLeastOnce, cancellationToken);
            }
        }

        public async Task SendAsync(PourRecord pour, CancellationToken cancellationToken)
        {
            var answer = await _client.PublishAsync(
                new MqttApplicationMessageBuilder()
                    .WithTopic($"taps/{tap}/pours")
                    .WithPayload(pour.ToJson())
                    .WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce)
                    .Build(),
                cancellationToken
            );
            if (!answer.IsSuccess)
            {
                throw answer.ReasonCode is MqttClientPublishReasonCode.QuotaExceeded
                    ? new IOException("Too fast.")
                    : new UnexpectedAnswerException($"PUBACK {answer.ReasonCode} {answer.ReasonString}");
            }
        }

        public void Dispose() => _client.Dispose();
    }
}
