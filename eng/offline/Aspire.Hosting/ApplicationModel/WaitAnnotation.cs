namespace Aspire.Hosting.ApplicationModel;

/// <summary>What is waited for.</summary>
public enum WaitType
{
    /// <summary>Running, healthy, and its ready handlers done.</summary>
    WaitUntilHealthy = 0,

    /// <summary>Ended, with an exit code.</summary>
    WaitForCompletion = 1,

    /// <summary>Running.</summary>
    WaitUntilStarted = 2,
}

/// <summary>What happens to the wait when the dependency fails.</summary>
public enum WaitBehavior
{
    /// <summary>It goes on; someone may start the dependency again.</summary>
    WaitOnResourceUnavailable = 0,

    /// <summary>It fails, and so does the resource that waits.</summary>
    StopOnResourceUnavailable = 1,
}

/// <summary>The resource starts only after another.</summary>
public sealed class WaitAnnotation(IResource resource, WaitType waitType, int exitCode = 0) : IResourceAnnotation
{
    /// <summary>The other resource.</summary>
    public IResource Resource { get; } = resource;

    /// <summary>What is waited for.</summary>
    public WaitType WaitType { get; } = waitType;

    /// <summary>The exit code a completion must have.</summary>
    public int ExitCode { get; } = exitCode;

    /// <summary>What happens when the other fails; the application's default when null.</summary>
    public WaitBehavior? WaitBehavior { get; init; }
}

/// <summary>Defaults for waiting.</summary>
public sealed class ResourceNotificationServiceOptions
{
    /// <summary>What happens to a wait when its dependency fails.</summary>
    public WaitBehavior DefaultWaitBehavior { get; set; } = WaitBehavior.StopOnResourceUnavailable;
}
