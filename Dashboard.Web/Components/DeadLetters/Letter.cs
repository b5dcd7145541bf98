namespace Dashboard.Web.Components.DeadLetters;

/// <summary>A dead letter as Ingest.Api shows it.</summary>
internal sealed record Letter(
    string Id,
    string Reason,
    string Source,
    int Deliveries,
    DateTimeOffset FailedAt,
    string Kind,
    string Tap,
    string Body,
    string? TraceId,
    bool Final
)
{
    /// <summary>The 128 bits of its trace id; null when there is none.</summary>
    public Guid? Trace => Guid.TryParse(TraceId, out var trace) ? trace : null;
}

/// <summary>A page of them.</summary>
internal sealed record LetterList(IReadOnlyList<Letter> DeadLetters);

/// <summary>What became of many that were to go back.</summary>
internal sealed record RequeuedCount(int Requeued, int Refused);
