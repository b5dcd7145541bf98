using Microsoft.EntityFrameworkCore;
using OpenTelemetry;
using Taproom;
using Taproom.Signals;
using Taproom.Store;

namespace Consumer.Worker;

/// <summary>Tells the shares report after every tenth beer.</summary>
/// <remarks>What is due can be read from the stores, so a worker that stops after its commit leaves nothing untold: the next one tells it.</remarks>
internal sealed partial class Announcements(
    IServiceScopeFactory scopes,
    SchemaUpgrade schema,
    ShareReports reports,
    TimeProvider time,
    ILogger<Announcements> logger
) : BackgroundService
{
    private static readonly TimeSpan MaxBackoff = TimeSpan.FromSeconds(10);

    // One is enough: it covers whatever was stored before it.
    private readonly Signal _due = new(time);

    private long _told;

    /// <summary>Something was stored.</summary>
    public void Due() => _due.Set();

    /// <summary>Tells what is due.</summary>
    internal async Task AnnounceAsync(CancellationToken cancellationToken)
    {
        // These queries run every second under load and would bury the traces of pours.
        using var quiet = SuppressInstrumentationScope.Begin();
        await schema.EnsureAsync(cancellationToken);
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<TaproomDb>();
        var tens = await db.Taps.SumAsync(tap => tap.Pours, cancellationToken) / 10;
        if (tens == _told)
        {
            return;
        }

        if (await reports.PublishAsync(await SharesReport.ReadAsync(db, cancellationToken)))
        {
            _told = tens;
        }
        else
        {
            Due();
        }
    }

    /// <inheritdoc />
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        new RetryLoop(MaxBackoff, LogFailed, time).RunAsync(
            async cancellationToken =>
            {
                await AnnounceAsync(cancellationToken);
                // At most one report in this time.
                await Task.Delay(ShareReports.Period, time, cancellationToken);
                await _due.WaitAsync(cancellationToken);
            },
            stoppingToken
        );

    [LoggerMessage(LogLevel.Error, "Announcing failed {Failures} times in a row; next try in {Delay}.")]
    private partial void LogFailed(Exception exception, int failures, TimeSpan delay);
}
