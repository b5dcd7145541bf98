namespace Dashboard.Web.Live;

/// <summary>What the numbers rest on, by which servers answer.</summary>
internal static class BoardStates
{
    /// <summary>The state; a server is null that nobody has tried to reach yet.</summary>
    /// <param name="stream">Whether Redis answers.</param>
    /// <param name="store">Whether Postgres answers.</param>
    public static BoardState Of(bool? stream, bool? store) =>
        (stream, store) switch
        {
            (false, false) => BoardState.BothAway,
            (false, _) => BoardState.StreamAway,
            (_, false) => BoardState.StoreAway,
            (true, true) => BoardState.Live,
            _ => BoardState.Starting,
        };
}
