namespace Taproom.Ingest;

/// <summary>An input that was set aside.</summary>
/// <param name="Position">Its stream id among the dead letters.</param>
/// <param name="Reason">Why, in one sentence.</param>
/// <param name="Source">Who set it aside: a service or a consumer group.</param>
/// <param name="Deliveries">How often it had been delivered; 0 when it never got into the ingest stream.</param>
/// <param name="FailedAt">When it was set aside; UTC.</param>
/// <param name="Kind">Its kind, as far as it is known.</param>
/// <param name="Tap">Its tap or other device; empty for none.</param>
/// <param name="Id">Its id, or null when that could not be read.</param>
/// <param name="Body">What was sent; bytes that are no UTF-8 are replaced.</param>
public sealed record SetAside(
    string Position,
    string Reason,
    string Source,
    int Deliveries,
    DateTimeOffset FailedAt,
    string Kind,
    string Tap,
    Guid? Id,
    string Body
)
{
    /// <summary>The trace in which it was set aside, 32 hexadecimal digits; null when it names none.</summary>
    public string? TraceId { get; init; }

    /// <summary>Whether it can never be what it was meant to be, so that it does not go back into the stream.</summary>
    public bool IsFinal { get; init; }
}

/// <summary>Which dead letters; all that is given must match.</summary>
/// <param name="Reason">A part of the reason, in whatever case.</param>
/// <param name="Source">Who set it aside.</param>
/// <param name="Kind">Its kind.</param>
/// <param name="Tap">Its tap or other device.</param>
public sealed record DeadLetterFilter(string? Reason = null, string? Source = null, string? Kind = null, string? Tap = null)
{
    /// <summary>All of them.</summary>
    public static DeadLetterFilter All { get; } = new();

    /// <summary>Whether a letter is one of them.</summary>
    public bool Matches(SetAside letter) =>
        (Reason is null || letter.Reason.Contains(Reason, StringComparison.OrdinalIgnoreCase))
        && (Source is null || letter.Source == Source)
        && (Kind is null || letter.Kind == Kind)
        && (Tap is null || letter.Tap == Tap);
}
