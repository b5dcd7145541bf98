namespace Distributed.Tests.Faults;

/// <summary>Where a tap reports.</summary>
internal interface ITapTransport
{
    /// <summary>Connects.</summary>
    /// <param name="tap">The tap.</param>
    /// <param name="stored">Told the ids of a receipt.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task<ITapConnection> OpenAsync(int tap, Action<IReadOnlyList<Guid>> stored, CancellationToken cancellationToken);
}

/// <summary>A connection of a tap.</summary>
internal interface ITapConnection : IDisposable
{
    /// <summary>Reports that may be under way at a time.</summary>
    int Window { get; }

    /// <summary>Cancelled when the connection is lost.</summary>
    CancellationToken Lost { get; }

    /// <summary>Sends a report; returns when it is acknowledged, and throws when it is not and has to be sent again.</summary>
    /// <exception cref="UnexpectedAnswerException">The answer is one that nobody may get for a good report.</exception>
    Task SendAsync(PourRecord pour, CancellationToken cancellationToken);
}

/// <summary>A good report was answered as a bad one is, or a server has failed at it.</summary>
internal sealed class UnexpectedAnswerException(string message) : Exception(message);
