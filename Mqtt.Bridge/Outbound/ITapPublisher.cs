using Taproom.Signals;

namespace Mqtt.Bridge.Outbound;

/// <summary>A way to the taps: this bridge's own listener, or the broker that it has joined.</summary>
internal interface ITapPublisher
{
    /// <summary>The taps that this bridge reaches this way now.</summary>
    IReadOnlyList<int> TapIds { get; }

    /// <summary>Whether a tap is one of them.</summary>
    bool Reaches(int tapId);

    /// <summary>A tap has begun to listen for commands: those that wait for it can be sent, again too.</summary>
    event Action<int>? Ready;

    /// <summary>A tap, or the broker for it, has a command.</summary>
    event Action<int, string>? CommandTaken;

    /// <summary>Sends a command on <c>taps/{tapId}/commands</c> with QoS 1; <see cref="CommandTaken"/> tells when it has arrived.</summary>
    /// <returns>False when the tap cannot be reached now: its commands wait until it is ready again.</returns>
    Task<bool> SendCommandAsync(int tapId, string command, CancellationToken cancellationToken);

    /// <summary>Sends a receipt on <c>taps/{tapId}/receipts</c> with QoS 1, for those of its ids that came this way.</summary>
    Task SendReceiptAsync(int tapId, Receipt receipt, CancellationToken cancellationToken);

    /// <summary>Tells all taps something with QoS 0.</summary>
    /// <param name="topic">One of <c>notices/</c>.</param>
    /// <param name="json">The notice, UTF-8.</param>
    /// <param name="exceptTapId">A tap that is left out where that is possible, or null.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task NotifyAsync(string topic, byte[] json, int? exceptTapId, CancellationToken cancellationToken);
}
