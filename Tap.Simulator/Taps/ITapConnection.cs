namespace Tap.Simulator.Taps;

/// <summary>One connection of a tap to a front door, over MQTT or HTTP.</summary>
internal interface ITapConnection : IDisposable
{
    /// <summary>Cancelled when the connection is lost; a tap that has nothing to send learns of it only so.</summary>
    CancellationToken Lost { get; }

    /// <summary>Sends a pour and waits for the answer.</summary>
    Task<Answer> SendAsync(PouredGlass pour, CancellationToken cancellationToken);

    /// <summary>Sends bytes in the place of a pour, and waits until they are refused or otherwise done with.</summary>
    Task SendDamagedAsync(byte[] payload, CancellationToken cancellationToken);

    /// <summary>Reads nothing from the network for a while; what the front door sends meanwhile waits on its way.</summary>
    void StopReading(TimeSpan pause);

    /// <summary>Breaks off without a farewell, as when a cable is pulled.</summary>
    void Drop();

    /// <summary>Takes leave of the front door, where there is still a connection.</summary>
    Task CloseAsync();
}

/// <summary>What a front door answered to a pour.</summary>
/// <param name="Kind">What it means for the pour.</param>
/// <param name="Reason">The code behind it, for the log.</param>
internal sealed record Answer(AnswerKind Kind, string Reason);

/// <summary>What an answer means for a pour.</summary>
internal enum AnswerKind
{
    /// <summary>It is taken in; the receipt is still to come.</summary>
    Taken,

    /// <summary>It is stored, and owed no longer.</summary>
    Stored,

    /// <summary>Too fast; it is to be sent again after a moment.</summary>
    Busy,

    /// <summary>Refused for good.</summary>
    Refused,
}

/// <summary>A front door did not take a tap's token.</summary>
internal sealed class NotAuthorizedException(string message) : Exception(message);
