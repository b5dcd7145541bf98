using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using Taproom.Bridge.Intake;

namespace Taproom.Bridge.Upstream;

/// <summary>Joins an existing broker: connects, subscribes, works for as long as the connection holds, waits, and begins again.</summary>
/// <remarks>
/// At least once. The broker keeps what comes while no bridge is there, and sends again what was not acknowledged; a pour that
/// carries its id is stored once all the same.
/// </remarks>
internal sealed partial class UpstreamBroker(
    MessageIntake intake, IOptions<UpstreamOptions> options, TimeProvider time, ILogger<UpstreamBroker> logger) : BackgroundService, IHealthCheck
{
    /// <summary>Ids whose receipts this bridge, and no other, brings to the broker.</summary>
    private const int RememberedIds = 50_000;

    private readonly UpstreamOptions _options = options.Value;
    private readonly RecentIds _taken = new(RememberedIds);
    private volatile UpstreamConnection? _connection;

    /// <inheritdoc />
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(_options.Upstream is null || _connection is not null
            ? HealthCheckResult.Healthy()
            : HealthCheckResult.Degraded("There is no connection to the upstream broker."));

    /// <summary>Those of the ids whose messages this bridge has taken from the broker, and still has a connection to.</summary>
    public IReadOnlyList<Guid> TakenAmong(IReadOnlyList<Guid> ids) => _connection is null ? [] : _taken.Among(ids);

    /// <summary>Publishes a message at the broker with QoS 1, where one is joined and connected.</summary>
    public Task PublishAsync(string topic, byte[] payload, CancellationToken cancellationToken) =>
        _connection is { } connection ? connection.PublishAsync(topic, payload, cancellationToken) : Task.CompletedTask;

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (_options.Upstream is null)
        {
            return;
        }

        var address = UpstreamAddress.Of(_options.Upstream);
        var failures = 0;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await WorkAsync(address, () => failures = 0, stoppingToken);
            }
            catch (Exception ex) when (!stoppingToken.IsCancellationRequested)
            {
                var delay = Backoff(++failures);
                LogDisconnected(address.Host, address.Port, delay, ex.Message);
                await Task.Delay(delay, time, stoppingToken);
            }
        }
    }

    private async Task WorkAsync(UpstreamAddress address, Action connected, CancellationToken stoppingToken)
    {
        using var connection = new UpstreamConnection(intake, _taken, _options);
        // The broker sends what it has kept as soon as there is a connection.
        var acknowledging = connection.AcknowledgeAsync();
        try
        {
            await OpenAsync(connection, address, stoppingToken);
            connected();
            _connection = connection;
            LogConnected(address.Host, address.Port);
            using var end = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, connection.Lost);
            await Task.WhenAny(acknowledging, Task.Delay(Timeout.InfiniteTimeSpan, time, end.Token));
        }
        finally
        {
            _connection = null;
            connection.StopTaking();
            await CloseAsync(connection, acknowledging);
        }

        if (!stoppingToken.IsCancellationRequested)
        {
            throw new InvalidOperationException("The connection was lost.");
        }
    }

    private async Task OpenAsync(UpstreamConnection connection, UpstreamAddress address, CancellationToken stoppingToken)
    {
        using var timeout = new CancellationTokenSource(_options.UpstreamTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, timeout.Token);
        await connection.OpenAsync(address, either.Token);
    }

    /// <summary>Lets what was taken be acknowledged, then takes leave.</summary>
    private async Task CloseAsync(UpstreamConnection connection, Task acknowledging)
    {
        using var timeout = new CancellationTokenSource(_options.UpstreamTimeout, time);
        try
        {
            await acknowledging.WaitAsync(timeout.Token);
            await connection.CloseAsync(timeout.Token);
        }
        catch (Exception ex)
        {
            // What was not acknowledged comes again.
            LogNotClean(ex.Message);
        }
    }

    private TimeSpan Backoff(int failures)
    {
        var delay = _options.UpstreamMaxBackoff / 100 * Math.Pow(2, Math.Min(failures - 1, 10));
        return (delay < _options.UpstreamMaxBackoff ? delay : _options.UpstreamMaxBackoff) * (0.5 + (Random.Shared.NextDouble() / 2));
    }

    [LoggerMessage(LogLevel.Information, "Connected to the broker {Host}:{Port}.")]
    private partial void LogConnected(string host, int port);

    [LoggerMessage(LogLevel.Warning, "No connection to the broker {Host}:{Port}, next attempt in {Delay}: {Message}")]
    private partial void LogDisconnected(string host, int port, TimeSpan delay, string message);

    [LoggerMessage(LogLevel.Information, "The connection to the broker did not end cleanly: {Message}")]
    private partial void LogNotClean(string message);
}
