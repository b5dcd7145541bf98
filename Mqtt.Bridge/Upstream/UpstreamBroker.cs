using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using Mqtt.Bridge.Intake;
using MQTTnet;
using MQTTnet.Protocol;
using Taproom;

namespace Mqtt.Bridge.Upstream;

/// <summary>Joins an existing broker: connects, subscribes, works while the connection lasts, then waits and starts again.</summary>
/// <remarks>
/// At least once. The broker keeps what comes while no bridge is there, and sends again what was not acknowledged; a pour that
/// carries its id is stored once all the same.
/// </remarks>
internal sealed partial class UpstreamBroker(
    MqttAddress address,
    MessageIntake intake,
    UpstreamPublisher publisher,
    UpstreamStatus status,
    RetainedReports retained,
    UpstreamLead lead,
    BridgeMetrics metrics,
    IOptions<UpstreamOptions> upstream,
    TimeProvider time,
    ILogger<UpstreamBroker> logger
) : BackgroundService, IHealthCheck
{
    private static readonly string[] Shared = ["taps/+/pours", "taps/+/readings", "taps/+/events"];

    private readonly UpstreamOptions _options = upstream.Value;
    private readonly MqttClientOptions _client = address.ToClientOptions(upstream.Value);

    // Null while there is a connection.
    private volatile string? _failure = "it has not been tried yet.";

    /// <inheritdoc />
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(
            _failure is { } failure
                ? HealthCheckResult.Degraded($"There is no connection to the broker {address}: {failure}")
                : HealthCheckResult.Healthy()
        );

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var failures = 0;
        while (!stoppingToken.IsCancellationRequested)
        {
            var startedAt = time.GetTimestamp();
            try
            {
                await WorkAsync(stoppingToken);
            }
            catch (Exception ex) when (!stoppingToken.IsCancellationRequested)
            {
                // A broker that closes each connection soon is treated like one that refuses them: the pauses grow.
                failures = time.GetElapsedTime(startedAt) > 2 * _options.UpstreamMaxBackoff ? 1 : failures + 1;
                var delay = Backoff.After(failures, _options.UpstreamMaxBackoff);
                _failure = ex.Message;
                LogDisconnected(address, delay, ex.Message);
                await Task.Delay(delay, time, stoppingToken);
            }
        }
    }

    private async Task WorkAsync(CancellationToken stoppingToken)
    {
        status.Forget();
        retained.Forget();
        using var connection = new UpstreamConnection(_options, time);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, connection.Lost);
        var work = new UpstreamWork(intake, publisher, status, retained, metrics, logger, connection.Lost);
        connection.Received += work.TakeAsync;
        // The broker sends what it has kept as soon as the bridge is connected.
        List<Task> tasks = [work.AcknowledgeAsync()];
        try
        {
            await connection.OpenAsync(_client, Topics(), stoppingToken);
            _failure = null;
            LogConnected(address);
            tasks.Add(publisher.UseAsync(connection, end.Token));
            tasks.Add(lead.HoldAsync(status.RepeatAsync, end.Token));
            await Task.WhenAny(tasks);
        }
        finally
        {
            _failure ??= connection.LossReason;
            work.Stop();
            await end.CancelAsync();
            await CloseAsync(connection, Task.WhenAll(tasks));
        }

        if (!stoppingToken.IsCancellationRequested)
        {
            throw new InvalidOperationException($"The connection was lost: {connection.LossReason}.");
        }
    }

    /// <summary>The topics of taps. Their reports are shared among the bridges; every bridge gets their status.</summary>
    private MqttClientSubscribeOptions Topics()
    {
        var share = _options.UpstreamShare.Length > 0 ? $"$share/{_options.UpstreamShare}/" : "";
        var topics = new MqttClientSubscribeOptionsBuilder().WithTopicFilter(UpstreamStatus.Topic, MqttQualityOfServiceLevel.AtLeastOnce);
        foreach (var topic in Shared)
        {
            topics.WithTopicFilter(filter => filter.WithTopic(share + topic).WithAtLeastOnceQoS().WithRetainAsPublished());
        }

        return topics.Build();
    }

    /// <summary>Lets what was taken be acknowledged, then disconnects.</summary>
    private async Task CloseAsync(UpstreamConnection connection, Task work)
    {
        try
        {
            await work.WaitAsync(_options.UpstreamTimeout, time);
            await connection.CloseAsync(MqttClientDisconnectOptionsReason.NormalDisconnection);
        }
        catch (Exception ex)
        {
            // The broker sends again what was not acknowledged.
            LogNotClean(ex.Message);
        }
    }

    [LoggerMessage(LogLevel.Information, "Connected to the broker {Broker}.")]
    private partial void LogConnected(MqttAddress broker);

    [LoggerMessage(LogLevel.Warning, "No connection to the broker {Broker}, next attempt in {Delay}: {Message}")]
    private partial void LogDisconnected(MqttAddress broker, TimeSpan delay, string message);

    [LoggerMessage(LogLevel.Information, "The connection to the broker did not end cleanly: {Message}")]
    private partial void LogNotClean(string message);
}
