using Taproom.Reports;

namespace Taproom.Ingest;

/// <summary>What the body of an <see cref="IngestEntry"/> can be.</summary>
public static class EntryKinds
{
    /// <summary>A <see cref="Pours.PourReport"/>.</summary>
    public const string Pour = "pour";

    /// <summary>Sensor values of a tap or meter.</summary>
    public const string Reading = "reading";

    /// <summary>An activity event.</summary>
    public const string Event = "event";

    /// <summary>Any JSON value that a client posted.</summary>
    public const string Message = "message";
}
