using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Taproom.Pours;
using Taproom.Reports;

namespace Taproom.Ingest;

/// <summary>Reads the pour that an entry of kind <see cref="EntryKinds.Pour"/> carries.</summary>
public static class PourEntry
{
    /// <summary>Reads and validates it, the same way for whoever stores it and whoever shows it.</summary>
    /// <param name="entry">An entry as delivered; null when it was unreadable.</param>
    /// <param name="pour">The pour, or null.</param>
    /// <param name="reason">Why the entry is no pour, in one sentence, or null.</param>
    /// <returns>True when <paramref name="pour"/> can be stored.</returns>
    public static bool TryRead(IngestEntry? entry, [NotNullWhen(true)] out Pour? pour, [NotNullWhen(false)] out string? reason)
    {
        (pour, reason) = Read(entry);
        return reason is null;
    }

    private static (Pour? Pour, string? Reason) Read(IngestEntry? entry)
    {
        if (entry is null)
        {
            return (null, "A field that every entry has is missing or unreadable.");
        }

        if (entry.Kind != EntryKinds.Pour)
        {
            return (null, $"Nothing stores entries of kind '{entry.Kind}'.");
        }

        if (!int.TryParse(entry.Tap, NumberStyles.None, CultureInfo.InvariantCulture, out var tapId) || tapId < 1)
        {
            return (null, "The tap id is not a whole number, 1 or more.");
        }

        return PourReport.TryParse(entry.Body, out var report, out var refusal)
            ? (report.ToPour(entry.Id, tapId, entry.ReceivedAt) with { TraceId = IngestTelemetry.TraceIdOf(entry) }, null)
            : (null, refusal.Reason);
    }
}
