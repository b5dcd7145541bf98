using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Taproom.Ingest;
using Taproom.Store;

namespace Consumer.Worker.Alerts;

/// <summary>Accepted entries have waited to be stored for longer than <see cref="AlertOptions.LineAge"/>.</summary>
internal sealed class SlowLine(IngestLine line, IOptions<AlertOptions> options) : IAlertRule
{
    /// <inheritdoc />
    public string Kind => "line-behind";

    /// <inheritdoc />
    public async Task<IReadOnlyList<Finding>> FindAsync(IReadOnlySet<string> open, CancellationToken cancellationToken)
    {
        var state = await line.ReadAsync();
        var seconds = (long)(state.Partitions.Max(partition => partition.OldestAge)?.TotalSeconds ?? 0);
        return seconds < options.Value.LineAge.TotalSeconds
            ? []
            :
            [
                new(
                    "line",
                    string.Create(CultureInfo.InvariantCulture, $"Entries wait to be stored: {state.Waiting:N0}, the oldest for {seconds} s."),
                    new() { ["waiting"] = state.Waiting, ["oldestAgeSeconds"] = seconds }
                ),
            ];
    }
}

/// <summary>So many reports of a tap were set aside within an hour that something is wrong with it, see <see cref="AlertOptions.DeadLetters"/>.</summary>
internal sealed class RefusedTap(DeadLetters letters, IOptions<AlertOptions> options, TimeProvider time) : IAlertRule
{
    private const int MostLetters = 500;
    private static readonly TimeSpan Window = TimeSpan.FromHours(1);

    /// <inheritdoc />
    public string Kind => "dead-letters";

    /// <inheritdoc />
    public async Task<IReadOnlyList<Finding>> FindAsync(IReadOnlySet<string> open, CancellationToken cancellationToken)
    {
        var (recent, _) = await letters.ListAsync($"{(time.GetUtcNow() - Window).ToUnixTimeMilliseconds()}-0", MostLetters);
        return
        [
            .. recent
                .Where(letter => letter.Tap.Length > 0)
                .GroupBy(letter => letter.Tap)
                .Where(tap => tap.Count() >= options.Value.DeadLetters)
                .Select(tap => new Finding(
                    tap.Key,
                    $"{tap.Count()} reports of {tap.Key} were set aside within an hour: {tap.Last().Reason}",
                    new()
                    {
                        ["device"] = tap.Key,
                        ["count"] = tap.Count(),
                        ["reason"] = tap.Last().Reason,
                    }
                )),
        ];
    }
}

/// <summary>All polls of a meter have failed for <see cref="AlertOptions.MeterFor"/>.</summary>
internal sealed class UnreachableMeter(TaproomDb db, IOptions<AlertOptions> options, TimeProvider time) : IAlertRule
{
    /// <inheritdoc />
    public string Kind => "meter-unreachable";

    /// <inheritdoc />
    public async Task<IReadOnlyList<Finding>> FindAsync(IReadOnlySet<string> open, CancellationToken cancellationToken)
    {
        var since = time.GetUtcNow() - options.Value.MeterFor;
        var meters = await db
            .Meters.Where(meter => meter.Active && meter.LastError != null && (meter.LastTimestamp == null || meter.LastTimestamp < since))
            .ToListAsync(cancellationToken);
        return meters.ConvertAll(meter => new Finding(
            meter.Id,
            $"Meter {meter.Id} cannot be read: {meter.LastError}",
            new() { ["meterId"] = meter.Id, ["error"] = meter.LastError }
        ));
    }
}
