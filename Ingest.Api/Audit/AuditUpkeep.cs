using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using OpenTelemetry;
using Taproom.Store;

namespace Ingest.Api.Audit;

/// <summary>Deletes entries that are older than they are kept.</summary>
internal sealed partial class AuditUpkeep(IServiceScopeFactory scopes, IOptions<AuditOptions> options, TimeProvider time, ILogger<AuditUpkeep> logger)
    : BackgroundService
{
    private const int BatchSize = 5_000;
    private static readonly TimeSpan Period = TimeSpan.FromHours(1);

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await DeleteOldAsync(stoppingToken);
            }
            catch (Exception ex) when (!stoppingToken.IsCancellationRequested)
            {
                LogFailed(ex.Message);
            }
        }
    }

    /// <summary>Deletes what is too old, in pieces that take no long time each.</summary>
    /// <returns>How many entries.</returns>
    internal async Task<int> DeleteOldAsync(CancellationToken cancellationToken)
    {
        // Nobody asked for it, so it is nobody's trace.
        using var quiet = SuppressInstrumentationScope.Begin();
        await using var scope = scopes.CreateAsyncScope();
        var database = scope.ServiceProvider.GetRequiredService<TaproomDb>().Database;
        var oldest = time.GetUtcNow() - options.Value.KeepFor;
        var (all, deleted) = (0, BatchSize);
        while (deleted == BatchSize)
        {
            deleted = await database.ExecuteSqlAsync(
                $"DELETE FROM audit WHERE id IN (SELECT id FROM audit WHERE at < {oldest} ORDER BY at LIMIT {BatchSize})",
                cancellationToken
            );
            all += deleted;
        }

        return all;
    }

    [LoggerMessage(LogLevel.Warning, "Old entries of the audit could not be deleted: {Message}")]
    private partial void LogFailed(string message);
}
