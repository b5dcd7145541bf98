using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting;

/// <summary>How the testing package takes part in the AppHost's own Main, in whose flow of execution it is set.</summary>
internal sealed class BuilderHooks
{
    private static readonly AsyncLocal<BuilderHooks?> Flow = new();

    public static BuilderHooks? Current
    {
        get => Flow.Value;
        set => Flow.Value = value;
    }

    /// <summary>Before the builder is made.</summary>
    public required Action<DistributedApplicationOptions, HostApplicationBuilderSettings> Constructing { get; init; }

    /// <summary>All resources are declared and Build was called; it goes on when this returns.</summary>
    public required Action<DistributedApplicationBuilder> Building { get; init; }

    /// <summary>The application is made.</summary>
    public required Action<DistributedApplication> Built { get; init; }

    /// <summary>The AppHost asks to start; it goes on when the test asked too.</summary>
    public required Func<CancellationToken, Task> Starting { get; init; }
}
