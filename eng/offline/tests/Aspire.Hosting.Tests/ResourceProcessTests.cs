using System.Collections.Concurrent;
using Aspire.Hosting.Running;

namespace Aspire.Hosting.Tests;

/// <summary>One process with everything it starts.</summary>
public sealed class ResourceProcessTests : IAsyncLifetime
{
    private readonly ProcessWatchdog _watchdog = new();
    private readonly ConcurrentQueue<string> _lines = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _watchdog.DisposeAsync();

    [Fact]
    public async Task Stopping_ends_children_in_other_sessions_and_those_that_ignore_the_polite_signal()
    {
        var mark = Guid.NewGuid().ToString("N");
        var process = Start("sleep 1001 & setsid sleep 1002 & (trap '' TERM; echo up; sleep 1003) & wait", mark);
        await Poll.UntilAsync(() => _lines.Contains("up"));
        Assert.True(MarkedProcesses.Find(mark).Length >= 4);
        await process.StopAsync(TimeSpan.FromMilliseconds(600), Apps.Soon());
        Assert.Empty(MarkedProcesses.Find(mark));
    }

    [Fact]
    public async Task Stopping_ends_children_whose_parent_ended_before()
    {
        var mark = Guid.NewGuid().ToString("N");
        var process = Start("setsid sleep 1002 & sleep 1001 & echo up", mark);
        await process.Exited.WaitAsync(Apps.Soon());
        await process.StopAsync(TimeSpan.FromSeconds(2), Apps.Soon());
        Assert.Empty(MarkedProcesses.Find(mark));
    }

    [Fact]
    public async Task A_process_that_ends_well_when_asked_is_not_forced()
    {
        var process = Start("trap 'echo bye; exit 7' TERM; echo up; while :; do sleep 0.1; done", "x");
        await Poll.UntilAsync(() => _lines.Contains("up"));
        await process.StopAsync(TimeSpan.FromSeconds(10), Apps.Soon());
        Assert.Equal(7, await process.Exited);
        Assert.Contains("bye", _lines);
    }

    [Fact]
    public async Task Arguments_reach_the_program_as_they_are()
    {
        var process = ResourceProcess.Start(
            new ProcessSpec("/usr/bin/printf", ["%s|", "two words", "$HOME", "a\"b", ""], "/", new Dictionary<string, string>()),
            _watchdog, TimeProvider.System, (line, _) => _lines.Enqueue(line));
        Assert.Equal(0, await process.Exited.WaitAsync(Apps.Soon()));
        await process.StopAsync(TimeSpan.FromSeconds(2), Apps.Soon());
        Assert.Equal("two words|$HOME|a\"b||", Assert.Single(_lines));
    }

    [Fact]
    public void A_folder_that_does_not_exist_is_named()
    {
        var ex = Assert.Throws<DistributedApplicationException>(() => ResourceProcess.Start(
            new ProcessSpec("/bin/true", [], "/no/such/folder", new Dictionary<string, string>()), _watchdog, TimeProvider.System, (_, _) => { }));
        Assert.Contains("/no/such/folder", ex.Message);
    }

    private ResourceProcess Start(string script, string mark) => ResourceProcess.Start(
        new ProcessSpec("/bin/sh", ["-c", script], "/", new Dictionary<string, string> { ["PATH"] = "/usr/bin:/bin", ["TEST_MARK"] = mark }),
        _watchdog, TimeProvider.System, (line, _) => _lines.Enqueue(line));
}
