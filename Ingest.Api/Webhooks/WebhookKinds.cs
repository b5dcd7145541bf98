namespace Ingest.Api.Webhooks;

/// <summary>What a receiver can be told.</summary>
internal static class WebhookKinds
{
    /// <summary>A pour was stored; its data is a beer.</summary>
    public const string PourStored = "pour.stored";

    /// <summary>Something began to be wrong; its data is an alert.</summary>
    public const string AlertBegan = "alert.began";

    /// <summary>It is over; its data is the alert.</summary>
    public const string AlertEnded = "alert.ended";

    /// <summary>An activity event that tells of no alert was stored; its data is the event.</summary>
    public const string Event = "event";

    /// <summary>Somebody tries whether the receiver is there; not to be chosen.</summary>
    public const string Test = "webhook.test";

    /// <summary>Those that can be chosen.</summary>
    public static IReadOnlyList<string> All { get; } = [PourStored, AlertBegan, AlertEnded, Event];

    /// <summary>Whether one of the kinds comes from the table of events.</summary>
    public static bool AreOfEvents(IEnumerable<string> kinds) => kinds.Any(kind => kind != PourStored);
}
