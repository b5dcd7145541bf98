namespace Distributed.Tests.Faults;

/// <summary>A pour in its tap's journal, and what is known of it.</summary>
/// <param name="id">Its id, the same each time it is sent.</param>
/// <param name="tap">The tap that poured it.</param>
/// <param name="seq">Its number among those of its tap, from 1.</param>
/// <param name="volumeMl">Its volume in mL.</param>
/// <param name="pouredAt">When; no other pour of the tap has this time.</param>
internal sealed class PourRecord(Guid id, int tap, int seq, int volumeMl, DateTimeOffset pouredAt)
{
    public Guid Id => id;

    public int Tap => tap;

    public int Seq => seq;

    public int VolumeMl => volumeMl;

    public DateTimeOffset PouredAt => pouredAt;

    /// <summary>When it was sent over the connection that there is now; null before.</summary>
    public long? SentAt { get; set; }

    /// <summary>During which step of the run its tap was told that it is taken; null before.</summary>
    public int? AcknowledgedIn { get; set; }

    /// <summary>How often it is in the ingest stream.</summary>
    public int Accepted { get; set; }

    /// <summary>The report as it is sent.</summary>
    public string ToJson() => $$"""{"id":"{{id}}","tapId":{{tap}},"volume":{{volumeMl}},"pouredAt":"{{pouredAt:O}}","seq":{{seq}}}""";
}
