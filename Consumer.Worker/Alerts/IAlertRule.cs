using System.Text.Json.Nodes;

namespace Consumer.Worker.Alerts;

/// <summary>Finds what is wrong now, of one kind.</summary>
internal interface IAlertRule
{
    /// <summary>What is wrong, for programs.</summary>
    string Kind { get; }

    /// <summary>Finds everything that is wrong now.</summary>
    /// <param name="open">The subjects that an alert of this kind is open for: what is wrong already may be judged otherwise than what is not yet.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task<IReadOnlyList<Finding>> FindAsync(IReadOnlySet<string> open, CancellationToken cancellationToken);
}

/// <summary>Something that is wrong.</summary>
/// <param name="Subject">With what.</param>
/// <param name="Message">What, in one sentence for people.</param>
/// <param name="Data">The same for programs.</param>
internal sealed record Finding(string Subject, string Message, JsonObject Data);
