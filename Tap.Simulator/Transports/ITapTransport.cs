using Tap.Simulator.Journal;

namespace Tap.Simulator.Transports;

/// <summary>How taps reach Taproom: over MQTT or over HTTP.</summary>
internal interface ITapTransport
{
    /// <summary>The address, for the log; without credentials.</summary>
    string Address { get; }

    /// <summary>Opens a connection of a tap.</summary>
    /// <param name="tap">The tap.</param>
    /// <param name="token">Its token; empty where none is asked for.</param>
    /// <param name="received">Called with the ids of each receipt.</param>
    /// <param name="mayStopReading">Whether <see cref="ITapConnection.StopReading"/> will be asked for; it costs a loopback connection.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="NotAuthorizedException">The token is not accepted.</exception>
    Task<ITapConnection> OpenAsync(
        TapIdentity tap,
        string token,
        Action<IReadOnlyList<Guid>> received,
        bool mayStopReading,
        CancellationToken cancellationToken
    );
}

/// <summary>One connection of a tap.</summary>
internal interface ITapConnection : IDisposable
{
    /// <summary>Cancelled when the connection is lost; a tap that has nothing to send learns of it only here.</summary>
    CancellationToken Lost { get; }

    /// <summary>Sends a pour and waits for the answer.</summary>
    Task<Answer> SendAsync(Pour pour, CancellationToken cancellationToken);

    /// <summary>Sends a payload that must not be stored in the place of a pour, and waits for whatever answer.</summary>
    Task SendBadAsync(byte[] payload, CancellationToken cancellationToken);

    /// <summary>Sends a reading.</summary>
    Task SendReadingAsync(TapReading reading, CancellationToken cancellationToken);

    /// <summary>Reads nothing from the network for a while; what the server sends meanwhile waits on its way.</summary>
    void StopReading(TimeSpan pause);

    /// <summary>Breaks off without a DISCONNECT, as when a cable is pulled.</summary>
    void Drop();

    /// <summary>Disconnects properly, where there is still a connection.</summary>
    Task CloseAsync();
}

/// <summary>What was answered to a pour.</summary>
/// <param name="Kind">What it means for the pour.</param>
/// <param name="Reason">The code behind it, for the log.</param>
internal sealed record Answer(AnswerKind Kind, string Reason);

/// <summary>What an answer means for a pour.</summary>
internal enum AnswerKind
{
    /// <summary>It is accepted; the receipt is still to come.</summary>
    Accepted,

    /// <summary>It is stored, or nothing more will be told of it.</summary>
    Stored,

    /// <summary>Too fast; it is to be sent again after a moment.</summary>
    Busy,

    /// <summary>Refused for good.</summary>
    Refused,
}

/// <summary>A tap's token was not accepted, so its next connection needs another.</summary>
internal sealed class NotAuthorizedException(TapIdentity tap) : Exception($"The token of tap {tap.Name} is not accepted.");
