using System.Reflection;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Testing;

/// <summary>Runs the Main of an AppHost on a thread of its own, and halts it where the test takes over.</summary>
internal sealed class AppHostEntry : IAsyncDisposable
{
    private static readonly TimeSpan EndTimeout = TimeSpan.FromSeconds(30);
    private readonly TaskCompletionSource<DistributedApplicationBuilder> _building = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _goOnBuilding = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<DistributedApplication> _built = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _goOnStarting = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _disposed;

    public AppHostEntry(Assembly appHost, string[] args, Action<DistributedApplicationOptions, HostApplicationBuilderSettings> configureBuilder)
    {
        var main = appHost.EntryPoint ?? throw new InvalidOperationException($"Assembly '{appHost.GetName().Name}' does not have an entry point.");
        var hooks = new BuilderHooks
        {
            Constructing = (options, settings) =>
            {
                TestDefaults.Before(options, settings, args, appHost);
                configureBuilder(options, settings);
                TestDefaults.After(settings, appHost);
            },
            Building = builder =>
            {
                _building.TrySetResult(builder);
                _goOnBuilding.Task.GetAwaiter().GetResult();
            },
            Built = application => _built.TrySetResult(application),
            Starting = token => _goOnStarting.Task.WaitAsync(token),
        };
        var thread = new Thread(() => Run(main, args, hooks)) { IsBackground = true, Name = "AppHost under test" };
        thread.Start();
    }

    /// <summary>The builder, once Main called Build.</summary>
    public Task<DistributedApplicationBuilder> WhenBuildingAsync(CancellationToken cancellationToken) => _building.Task.WaitAsync(cancellationToken);

    /// <summary>Lets Main build the application.</summary>
    public Task<DistributedApplication> BuildAsync(CancellationToken cancellationToken)
    {
        _goOnBuilding.TrySetResult();
        return _built.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Lets Main go on after it asked to start.</summary>
    public void Release() => _goOnStarting.TrySetResult();

    /// <summary>Ends with Main; fails as Main fails.</summary>
    public Task Ended => _ended.Task;

    public async ValueTask DisposeAsync()
    {
        if (_disposed)
        {
            return;
        }
        _disposed = true;
        var abandoned = new OperationCanceledException("The test disposed the application.");
        _goOnBuilding.TrySetException(abandoned);
        _goOnStarting.TrySetException(abandoned);
        try
        {
            await Ended.WaitAsync(EndTimeout);
        }
        catch (Exception ex) when (ex is not TimeoutException)
        {
            // How Main failed was told to whoever waited for it; here only its end matters.
        }
    }

    private void Run(MethodInfo main, string[] args, BuilderHooks hooks)
    {
        BuilderHooks.Current = hooks;
        try
        {
            main.Invoke(null, BindingFlags.DoNotWrapExceptions, null, main.GetParameters().Length == 0 ? [] : [args], null);
            Fail(new InvalidOperationException("The entry point ended without building or starting a distributed application."));
            _ended.TrySetResult();
        }
        catch (Exception ex)
        {
            Fail(ex);
            _ended.TrySetException(ex);
            _ = _ended.Task.Exception;
        }
    }

    private void Fail(Exception exception)
    {
        _building.TrySetException(exception);
        _built.TrySetException(exception);
        // Observed here, since perhaps nobody waits for them any more.
        _ = _building.Task.Exception;
        _ = _built.Task.Exception;
    }
}
