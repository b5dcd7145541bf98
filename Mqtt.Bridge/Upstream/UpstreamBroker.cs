using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using Mqtt.Bridge.Intake;
using MQTTnet;
using Taproom;

namespace Mqtt.Bridge.Upstream;

/// <summary>Joins an existing broker: connects, subscribes, works while the connection lasts, then waits and starts again.</summary>
/// <remarks>
/// At least once. The broker keeps what comes while no bridge is there, and sends again what was not acknowledged; a pour that
/// carries its id is stored once all the same.
/// </remarks>
internal sealed partial class UpstreamBroker : BackgroundService, IHealthCheck
{
    private readonly MessageIntake _intake;
    private readonly UpstreamPublisher _publisher;
    private readonly UpstreamStatus _status;
    private readonly RetainedReports _retained;
    private readonly UpstreamLead _lead;
    private readonly BridgeMetrics _metrics;
    private readonly UpstreamOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly UpstreamAddress? _address;
    private readonly MqttClientOptions? _client;

    // Null while there is a connection.
    private volatile string? _failure = "it has not been tried yet.";

    /// <exception cref="InvalidOperationException">The address, or the file of authorities, cannot be used.</exception>
    public UpstreamBroker(
        MessageIntake intake,
        UpstreamPublisher publisher,
        UpstreamStatus status,
        RetainedReports retained,
        UpstreamLead lead,
        BridgeMetrics metrics,
        IOptions<UpstreamOptions> options,
        TimeProvider time,
        ILogger<UpstreamBroker> logger
    )
    {
        (_intake, _publisher, _status, _retained, _lead, _metrics) = (intake, publisher, status, retained, lead, metrics);
        (_options, _time, _logger) = (options.Value, time, logger);
        if (!string.IsNullOrEmpty(_options.Upstream))
        {
            _address = UpstreamAddress.Of(_options.Upstream);
            _client = _address.ToClientOptions(_options);
        }
    }

    /// <inheritdoc />
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(
            _address is not null && _failure is { } failure
                ? HealthCheckResult.Degraded($"There is no connection to the broker {_address}: {failure}")
                : HealthCheckResult.Healthy()
        );

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (_address is null)
        {
            return;
        }

        var failures = 0;
        while (!stoppingToken.IsCancellationRequested)
        {
            var startedAt = _time.GetTimestamp();
            try
            {
                await WorkAsync(_address, stoppingToken);
            }
            catch (Exception ex) when (!stoppingToken.IsCancellationRequested)
            {
                // A broker that closes each connection soon is treated like one that refuses them: the pauses grow.
                failures = _time.GetElapsedTime(startedAt) > 2 * _options.UpstreamMaxBackoff ? 1 : failures + 1;
                var delay = Backoff.After(failures, _options.UpstreamMaxBackoff);
                _failure = ex.Message;
                LogDisconnected(_address, delay, ex.Message);
                await Task.Delay(delay, _time, stoppingToken);
            }
        }
    }

    private async Task WorkAsync(UpstreamAddress address, CancellationToken stoppingToken)
    {
        _status.Forget();
        _retained.Forget(address);
        using var connection = new UpstreamConnection(_options);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, connection.Lost);
        var work = new UpstreamWork(_intake, _publisher, _status, _retained, _metrics, _logger, connection.Lost);
        connection.Received += work.TakeAsync;
        // The broker sends what it has kept as soon as the bridge is connected.
        List<Task> tasks = [work.AcknowledgeAsync()];
        try
        {
            await OpenAsync(connection, stoppingToken);
            _failure = null;
            LogConnected(address);
            tasks.Add(_publisher.UseAsync(connection, end.Token));
            tasks.Add(_lead.HoldAsync(address, _status.RepeatAsync, end.Token));
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

    private async Task OpenAsync(UpstreamConnection connection, CancellationToken stoppingToken)
    {
        using var timeout = new CancellationTokenSource(_options.UpstreamTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, timeout.Token);
        await connection.OpenAsync(_client!, either.Token);
    }

    /// <summary>Lets what was taken be acknowledged, then disconnects.</summary>
    private async Task CloseAsync(UpstreamConnection connection, Task work)
    {
        using var timeout = new CancellationTokenSource(_options.UpstreamTimeout, _time);
        try
        {
            await work.WaitAsync(timeout.Token);
            await connection.CloseAsync(timeout.Token);
        }
        catch (Exception ex)
        {
            // The broker sends again what was not acknowledged.
            LogNotClean(ex.Message);
        }
    }

    [LoggerMessage(LogLevel.Information, "Connected to the broker {Broker}.")]
    private partial void LogConnected(UpstreamAddress broker);

    [LoggerMessage(LogLevel.Warning, "No connection to the broker {Broker}, next attempt in {Delay}: {Message}")]
    private partial void LogDisconnected(UpstreamAddress broker, TimeSpan delay, string message);

    [LoggerMessage(LogLevel.Information, "The connection to the broker did not end cleanly: {Message}")]
    private partial void LogNotClean(string message);
}
