namespace Mqtt.Bridge.HomeAssistant;

/// <summary>Where announcements are retained: this bridge's own listener, or the broker that it has joined.</summary>
internal interface IRetainedPublisher
{
    /// <summary>Whether this bridge can announce there now, and is the one to do it.</summary>
    bool IsReady { get; }

    /// <summary>All has to be announced there again: it is ready only now, or a Home Assistant has started.</summary>
    event Action? Renewed;

    /// <summary>The topics of which something may be retained there that was announced before, perhaps by another bridge.</summary>
    Task<IReadOnlyCollection<string>> RetainedAsync();

    /// <summary>Publishes a retained message; an empty one removes what is retained.</summary>
    /// <returns>False when it could not be done; <see cref="Renewed"/> tells when it is worth another try.</returns>
    Task<bool> RetainAsync(string topic, byte[] payload, CancellationToken cancellationToken);
}
