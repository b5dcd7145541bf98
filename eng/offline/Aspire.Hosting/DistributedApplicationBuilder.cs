using System.Reflection;
using System.Security.Cryptography;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Eventing;
using Aspire.Hosting.Running;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting;

/// <summary>Collects the resources of a distributed application and makes it.</summary>
public class DistributedApplicationBuilder : IDistributedApplicationBuilder
{
    private readonly HostApplicationBuilder _host;
    private readonly DistributedApplicationOptions _options;
    private readonly BuilderHooks? _hooks = BuilderHooks.Current;
    private bool _built;

    /// <summary>Makes a builder for a command line.</summary>
    public DistributedApplicationBuilder(string[] args) : this(new DistributedApplicationOptions { Args = args })
    {
    }

    /// <summary>Makes a builder.</summary>
    public DistributedApplicationBuilder(DistributedApplicationOptions options) : this(options, null)
    {
    }

    internal DistributedApplicationBuilder(
        DistributedApplicationOptions options, Action<DistributedApplicationOptions, HostApplicationBuilderSettings>? configure)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        var settings = new HostApplicationBuilderSettings { Args = options.Args };
        configure?.Invoke(options, settings);
        _hooks?.Constructing(options, settings);
        AppHostAssembly = options.AssemblyName is null ? Assembly.GetEntryAssembly() : Assembly.Load(options.AssemblyName);
        AppHostDirectory = options.ProjectDirectory
            ?? AppHostMetadata.Read(AppHostAssembly, "apphostprojectpath")
            ?? settings.ContentRootPath
            ?? System.Environment.CurrentDirectory;
        _host = new HostApplicationBuilder(settings);
        Configuration.AddInMemoryCollection([new("AppHost:Directory", AppHostDirectory)]);
        GenerateKeys();
        Eventing.Subscribe<BeforeResourceStartedEvent>((started, ct) =>
            started.Services.GetRequiredService<ResourceNotificationService>().WaitForDependenciesAsync(started.Resource, ct));
        AddServices();
    }

    /// <inheritdoc/>
    public ConfigurationManager Configuration => _host.Configuration;

    /// <inheritdoc/>
    public string AppHostDirectory { get; }

    /// <inheritdoc/>
    public Assembly? AppHostAssembly { get; }

    /// <inheritdoc/>
    public IHostEnvironment Environment => _host.Environment;

    /// <inheritdoc/>
    public IServiceCollection Services => _host.Services;

    /// <inheritdoc/>
    public DistributedApplicationExecutionContext ExecutionContext { get; } = new(DistributedApplicationOperation.Run);

    /// <inheritdoc/>
    public IDistributedApplicationEventing Eventing { get; } = new DistributedApplicationEventing();

    /// <inheritdoc/>
    public IResourceCollection Resources { get; } = new ResourceCollection();

    /// <inheritdoc/>
    public IResourceBuilder<T> AddResource<T>(T resource) where T : IResource
    {
        ArgumentNullException.ThrowIfNull(resource);
        Resources.Add(resource);
        return CreateResourceBuilder(resource);
    }

    /// <inheritdoc/>
    public IResourceBuilder<T> CreateResourceBuilder<T>(T resource) where T : IResource => new ResourceBuilder<T>(this, resource);

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">Called before.</exception>
    public DistributedApplication Build()
    {
        if (_built)
        {
            throw new InvalidOperationException("Build can only be called once.");
        }
        _built = true;
        _hooks?.Building(this);
        var application = new DistributedApplication(_host.Build()) { Hooks = _hooks };
        ExecutionContext.BuiltServices = application.Services;
        _hooks?.Built(application);
        return application;
    }

    // As in the real package: a dashboard that is not open to everyone asks for a key with telemetry.
    private void GenerateKeys()
    {
        if (!_options.DisableDashboard && !KnownConfigNames.IsTrue(Configuration, KnownConfigNames.AllowAnonymous))
        {
            Configuration.AddInMemoryCollection(
                [new("AppHost:OtlpApiKey", Configuration["AppHost:OtlpApiKey"] ?? RandomNumberGenerator.GetHexString(32, lowercase: true))]);
        }
    }

    private void AddServices()
    {
        Services.AddSingleton(_options);
        Services.AddSingleton(ExecutionContext);
        Services.AddSingleton(Eventing);
        Services.AddSingleton(_ => new DistributedApplicationModel(Resources));
        Services.AddSingleton(TimeProvider.System);
        Services.AddSingleton<ResourceLoggerService>();
        Services.AddSingleton<ResourceNotificationService>();
        Services.AddSingleton(services => new ResourceCommandService(
            services.GetRequiredService<ResourceNotificationService>(), services.GetRequiredService<ResourceLoggerService>(), services));
        // Without a dashboard nobody sees a failure or starts the resource again, so waiting on would hang.
        Services.Configure<ResourceNotificationServiceOptions>(o => o.DefaultWaitBehavior =
            _options.DisableDashboard ? WaitBehavior.StopOnResourceUnavailable : WaitBehavior.WaitOnResourceUnavailable);
        // A probe of something that is still starting is no news; the resource's own state tells what is.
        Services.AddHttpClient(HttpEndpointHealthCheck.ClientName).RemoveAllLoggers();
        Services.AddHttpClient();
        Services.AddHealthChecks();
        _host.Logging.AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.None);
        _host.Logging.AddFilter("Microsoft.Hosting.Lifetime", LogLevel.Warning);
        Services.AddSingleton(services => new AppHostOutputs(AppHostAssembly));
        Services.AddSingleton<ResourceConsole>();
        Services.AddSingleton<ProcessWatchdog>();
        Services.AddSingleton<HealthMonitor>();
        Services.AddSingleton<LaunchPlanner>();
        Services.AddSingleton<DashboardProcess>();
        Services.AddSingleton<ApplicationRunner>();
        Services.AddHostedService(services => services.GetRequiredService<ApplicationRunner>());
    }
}
