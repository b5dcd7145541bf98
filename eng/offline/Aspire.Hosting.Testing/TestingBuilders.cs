using System.Reflection;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Eventing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Testing;

/// <summary>A builder for tests over a real one.</summary>
internal abstract class TestingBuilder(DistributedApplicationBuilder inner) : IDistributedApplicationTestingBuilder
{
    public ConfigurationManager Configuration => inner.Configuration;

    public string AppHostDirectory => inner.AppHostDirectory;

    public Assembly? AppHostAssembly => inner.AppHostAssembly;

    public IHostEnvironment Environment => inner.Environment;

    public IServiceCollection Services => inner.Services;

    public DistributedApplicationExecutionContext ExecutionContext => inner.ExecutionContext;

    public IDistributedApplicationEventing Eventing => inner.Eventing;

    public IResourceCollection Resources => inner.Resources;

    protected DistributedApplicationBuilder Inner => inner;

    public IResourceBuilder<T> AddResource<T>(T resource) where T : IResource => inner.AddResource(resource);

    public IResourceBuilder<T> CreateResourceBuilder<T>(T resource) where T : IResource => inner.CreateResourceBuilder(resource);

    public DistributedApplication Build() => BuildAsync().GetAwaiter().GetResult();

    public abstract Task<DistributedApplication> BuildAsync(CancellationToken cancellationToken = default);

    public abstract ValueTask DisposeAsync();

    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();
}

/// <summary>The builder inside an AppHost's Main.</summary>
internal sealed class EntryTestingBuilder(DistributedApplicationBuilder inner, AppHostEntry entry) : TestingBuilder(inner)
{
    private EntryApplication? _application;

    public override async Task<DistributedApplication> BuildAsync(CancellationToken cancellationToken = default) =>
        _application ??= new EntryApplication(await entry.BuildAsync(cancellationToken), entry);

    public override async ValueTask DisposeAsync()
    {
        if (_application is not null)
        {
            await _application.DisposeAsync();
        }
        await entry.DisposeAsync();
    }
}

/// <summary>A builder without an AppHost.</summary>
internal sealed class PlainTestingBuilder(DistributedApplicationBuilder inner) : TestingBuilder(inner)
{
    private DistributedApplication? _application;

    public override Task<DistributedApplication> BuildAsync(CancellationToken cancellationToken = default) =>
        Task.FromResult(_application ??= Inner.Build());

    public override ValueTask DisposeAsync() => _application?.DisposeAsync() ?? ValueTask.CompletedTask;
}

/// <summary>The application of an AppHost's Main: the test says when it starts and stops, Main does it.</summary>
internal sealed class EntryApplication(DistributedApplication inner, AppHostEntry entry) : DistributedApplication(inner)
{
    private readonly IHostApplicationLifetime _lifetime = inner.Services.GetRequiredService<IHostApplicationLifetime>();
    private bool _started;
    private bool _disposed;

    public override async Task StartAsync(CancellationToken cancellationToken = default)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var registration = _lifetime.ApplicationStarted.Register(() => started.TrySetResult());
        _started = true;
        entry.Release();
        var first = await Task.WhenAny(started.Task, entry.Ended).WaitAsync(cancellationToken);
        if (first == entry.Ended)
        {
            await entry.Ended;
            throw new InvalidOperationException("The entry point ended without starting its distributed application.");
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken = default)
    {
        if (!_started)
        {
            return;
        }
        _lifetime.StopApplication();
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var registration = _lifetime.ApplicationStopped.Register(() => stopped.TrySetResult());
        await Task.WhenAny(stopped.Task, entry.Ended).WaitAsync(cancellationToken);
    }

    public override async Task RunAsync(CancellationToken cancellationToken = default)
    {
        await StartAsync(cancellationToken);
        await entry.Ended.WaitAsync(cancellationToken);
    }

    public override async ValueTask DisposeAsync()
    {
        if (_disposed)
        {
            return;
        }
        _disposed = true;
        if (_started && !entry.Ended.IsCompleted)
        {
            _lifetime.StopApplication();
        }
        await entry.DisposeAsync();
        await inner.DisposeAsync();
    }
}
