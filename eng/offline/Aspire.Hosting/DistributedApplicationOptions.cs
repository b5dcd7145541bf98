namespace Aspire.Hosting;

/// <summary>How a <see cref="DistributedApplicationBuilder"/> is made.</summary>
public sealed class DistributedApplicationOptions
{
    /// <summary>Command line of the AppHost; read as configuration.</summary>
    public string[]? Args { get; set; }

    /// <summary>Name of the AppHost's assembly; the entry assembly when null.</summary>
    public string? AssemblyName { get; set; }

    /// <summary>Folder of the AppHost's project; found in its assembly's metadata when null.</summary>
    public string? ProjectDirectory { get; set; }

    /// <summary>Name shown by the dashboard; not used by the stand-in.</summary>
    public string? DashboardApplicationName { get; set; }

    /// <summary>Start no dashboard.</summary>
    public bool DisableDashboard { get; set; }

    /// <summary>Send each resource's output to the AppHost's loggers (category <c>{app}.Resources.{resource}</c>).</summary>
    public bool EnableResourceLogging { get; set; }

    /// <summary>Let the dashboard listen on http, as <c>ASPIRE_ALLOW_UNSECURED_TRANSPORT=true</c> does.</summary>
    public bool AllowUnsecuredTransport { get; set; }
}

/// <summary>What the AppHost is asked to do. The stand-in only runs.</summary>
public enum DistributedApplicationOperation
{
    /// <summary>Start the resources on this machine.</summary>
    Run = 0,

    /// <summary>Write deployment artifacts; not done by the stand-in.</summary>
    Publish = 1,
}

/// <summary>What the AppHost is asked to do, for callbacks that differ between running and publishing.</summary>
public class DistributedApplicationExecutionContext(DistributedApplicationOperation operation)
{
    /// <summary>The operation.</summary>
    public DistributedApplicationOperation Operation { get; } = operation;

    /// <summary>True while resources are started on this machine.</summary>
    public bool IsRunMode => Operation == DistributedApplicationOperation.Run;

    /// <summary>True while deployment artifacts are written.</summary>
    public bool IsPublishMode => Operation == DistributedApplicationOperation.Publish;

    /// <summary>The application's services; only there once the application is built.</summary>
    /// <exception cref="InvalidOperationException">The application is not built yet.</exception>
    public IServiceProvider ServiceProvider =>
        BuiltServices ?? throw new InvalidOperationException("The services of the application exist only after it is built.");

    internal IServiceProvider? BuiltServices { get; set; }
}
