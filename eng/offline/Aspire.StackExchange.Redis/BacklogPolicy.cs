namespace StackExchange.Redis;

/// <summary>What becomes of commands for which there is no connection.</summary>
public sealed class BacklogPolicy
{
    private BacklogPolicy()
    {
    }

    /// <summary>They fail at once, which is all that version 1 can.</summary>
    public static BacklogPolicy FailFast { get; } = new();

    /// <summary>They wait for a connection until they time out.</summary>
    public static BacklogPolicy Default { get; } = new();
}
