using System.Text.Json;

namespace Aspire.Hosting.Publishing;

/// <summary>Writes a deployment manifest. Here only so that callbacks can be declared; the stand-in publishes nothing.</summary>
public sealed class ManifestPublishingContext(
    DistributedApplicationExecutionContext executionContext, string manifestPath, Utf8JsonWriter writer, CancellationToken cancellationToken = default)
{
    /// <summary>What the AppHost does.</summary>
    public DistributedApplicationExecutionContext ExecutionContext { get; } = executionContext;

    /// <summary>File of the manifest.</summary>
    public string ManifestPath { get; } = manifestPath;

    /// <summary>Where to write.</summary>
    public Utf8JsonWriter Writer { get; } = writer;

    /// <summary>Cancels the writing.</summary>
    public CancellationToken CancellationToken { get; } = cancellationToken;
}
