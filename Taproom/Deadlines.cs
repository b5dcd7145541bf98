namespace Taproom;

/// <summary>How long Redis and Postgres are waited for. A front door promises its answer, good or bad, within two seconds.</summary>
public static class Deadlines
{
    /// <summary>For all that one call asks of the stores; the rest of the two seconds is for the answer itself.</summary>
    public static readonly TimeSpan Call = TimeSpan.FromSeconds(1.8);

    /// <summary>For one command that nothing else can answer.</summary>
    public static readonly TimeSpan Answer = TimeSpan.FromSeconds(1.5);

    /// <summary>For one look-up whose caller can go on without it, and needs the time for that.</summary>
    public static readonly TimeSpan Lookup = TimeSpan.FromSeconds(1);

    /// <summary>
    /// For one command of a worker, which has time. Without it, it would wait for ever: the client forgets a command now and then when its
    /// connection breaks at that moment.
    /// </summary>
    public static readonly TimeSpan Worker = TimeSpan.FromSeconds(10);
}
