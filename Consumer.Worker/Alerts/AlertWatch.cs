using System.Text;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using OpenTelemetry;
using Taproom;
using Taproom.Ingest;
using Taproom.Store;

namespace Consumer.Worker.Alerts;

/// <summary>Looks what is wrong, and tells by an activity event when something begins to be and when it is over, each once.</summary>
/// <remarks>
/// The worker that has the first partition does it for all. What is open and what was told is in the database, so it outlives that worker,
/// and two of them who believe for a moment that they have it open and tell an alert once.
/// </remarks>
internal sealed partial class AlertWatch(
    IServiceScopeFactory scopes,
    SchemaUpgrade schema,
    PartitionLeases leases,
    IngestStream stream,
    IOptions<AlertOptions> options,
    TimeProvider time,
    ILogger<AlertWatch> logger
) : BackgroundService
{
    private const int WatchingPartition = 0;

    /// <summary>One turn.</summary>
    internal async Task TurnAsync(CancellationToken cancellationToken)
    {
        // A turn every few seconds would bury the traces of pours.
        using var quiet = SuppressInstrumentationScope.Begin();
        await schema.EnsureAsync(cancellationToken);
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<TaproomDb>();
        var open = (await db.Alerts.Where(alert => alert.EndedAt == null).ToListAsync(cancellationToken)).ToLookup(alert => alert.Kind);
        foreach (var rule in scope.ServiceProvider.GetServices<IAlertRule>())
        {
            try
            {
                await CompareAsync(db, rule, open[rule.Kind].ToDictionary(alert => alert.Subject), cancellationToken);
            }
            catch (Exception ex) when (!cancellationToken.IsCancellationRequested)
            {
                // What one rule cannot see neither begins nor ends, and the others go on.
                LogRuleFailed(ex, rule.Kind);
            }
        }

        await TellAsync(db, cancellationToken);
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            if (!leases.Held.Contains(WatchingPartition))
            {
                continue;
            }

            try
            {
                await TurnAsync(stoppingToken);
            }
            catch (Exception ex) when (!stoppingToken.IsCancellationRequested)
            {
                LogTurnFailed(ex);
            }
        }
    }

    private async Task CompareAsync(TaproomDb db, IAlertRule rule, Dictionary<string, Alert> open, CancellationToken cancellationToken)
    {
        var found = await rule.FindAsync(open.Keys.ToHashSet(), cancellationToken);
        var now = time.GetUtcNow();
        foreach (var finding in found.Where(finding => !open.ContainsKey(finding.Subject)))
        {
            await db.Database.ExecuteSqlAsync(
                $"""
                INSERT INTO alerts (id, kind, subject, message, data, began_at, end_id, begin_told, end_told)
                VALUES ({Guid.CreateVersion7()}, {rule.Kind}, {finding.Subject}, {finding.Message}, {finding.Data.ToJsonString()}, {now}, {Guid.CreateVersion7()}, false, false)
                ON CONFLICT DO NOTHING
                """,
                cancellationToken
            );
        }

        var over = open.Where(alert => found.All(finding => finding.Subject != alert.Key)).Select(alert => alert.Value.Id).ToList();
        if (over.Count > 0)
        {
            await db
                .Alerts.Where(alert => over.Contains(alert.Id) && alert.EndedAt == null)
                .ExecuteUpdateAsync(row => row.SetProperty(alert => alert.EndedAt, now), cancellationToken);
        }
    }

    private async Task TellAsync(TaproomDb db, CancellationToken cancellationToken)
    {
        var due = db.Alerts.Where(alert => !alert.BeginTold || (alert.EndedAt != null && !alert.EndTold)).OrderBy(alert => alert.Seq);
        foreach (var alert in await due.ToListAsync(cancellationToken))
        {
            var row = db.Alerts.Where(told => told.Id == alert.Id);
            if (!alert.BeginTold)
            {
                await stream.AppendAsync(EventOf(alert, alert.Id, "begin", alert.BeganAt, alert.Message), cancellationToken);
                await row.ExecuteUpdateAsync(told => told.SetProperty(a => a.BeginTold, true), cancellationToken);
                LogBegan(alert.Kind, alert.Message);
            }

            if (alert.EndedAt is { } endedAt)
            {
                await stream.AppendAsync(EventOf(alert, alert.EndId, "end", endedAt, $"Over: {alert.Message}"), cancellationToken);
                await row.ExecuteUpdateAsync(told => told.SetProperty(a => a.EndTold, true), cancellationToken);
                LogEnded(alert.Kind, alert.Message);
            }
        }
    }

    /// <param name="alert">The alert.</param>
    /// <param name="id">The event's own id, so that one that is told twice is one event.</param>
    /// <param name="what">Its begin or its end.</param>
    /// <param name="at">When.</param>
    /// <param name="message">In words.</param>
    private static IngestEntry EventOf(Alert alert, Guid id, string what, DateTimeOffset at, string message)
    {
        var activity = new JsonObject
        {
            ["component"] = alert.Kind,
            ["environment"] = "taproom",
            ["message"] = message,
            ["data"] = new JsonObject
            {
                ["alertId"] = alert.Id,
                ["alert"] = what,
                ["about"] = JsonNode.Parse(alert.Data),
            },
        };
        return new IngestEntry
        {
            Id = id,
            Kind = EntryKinds.Event,
            ReceivedAt = at,
            Body = Encoding.UTF8.GetBytes(activity.ToJsonString()),
        };
    }

    [LoggerMessage(LogLevel.Warning, "Alert {Kind}: {Message}")]
    private partial void LogBegan(string kind, string message);

    [LoggerMessage(LogLevel.Information, "Alert {Kind} is over: {Message}")]
    private partial void LogEnded(string kind, string message);

    [LoggerMessage(LogLevel.Warning, "Whether there is an alert {Kind} cannot be told now.")]
    private partial void LogRuleFailed(Exception exception, string kind);

    [LoggerMessage(LogLevel.Error, "Looking for alerts failed; it is tried again.")]
    private partial void LogTurnFailed(Exception exception);
}
