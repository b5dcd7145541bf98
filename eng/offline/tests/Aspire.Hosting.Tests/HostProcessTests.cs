using System.Collections.Concurrent;
using System.Diagnostics;

namespace Aspire.Hosting.Tests;

/// <summary>An AppHost as a process of its own: whatever ends it, nothing it started remains.</summary>
public sealed class HostProcessTests
{
    [Fact]
    public async Task A_host_killed_by_force_leaves_nothing_running()
    {
        using var host = new Host("--stubborn=true");
        await host.IsUpAsync();
        Assert.True(host.Remaining().Length >= 4);
        host.Signal("KILL");
        await Poll.UntilAsync(() => host.Remaining().Length == 0);
    }

    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public async Task A_host_asked_to_end_stops_everything_and_ends_well(string signal)
    {
        using var host = new Host("--tree-only=true");
        await host.IsUpAsync();
        host.Signal(signal);
        Assert.Equal(0, await host.ExitCodeAsync());
        Assert.Empty(host.Remaining());
    }

    [Fact]
    public async Task Each_line_of_a_resource_begins_with_its_name_and_no_secret_is_printed()
    {
        using var host = new Host("--tree-only=true");
        await host.IsUpAsync();
        host.Signal("TERM");
        await host.ExitCodeAsync();
        Assert.Contains("[tree] tree is up", host.Lines);
        Assert.DoesNotContain(host.Lines, line => line.Contains("kept-to-itself", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_host_that_fails_in_its_main_ends_with_an_error_and_leaves_nothing_running()
    {
        using var host = new Host("--fail=true");
        Assert.NotEqual(0, await host.ExitCodeAsync());
        Assert.Empty(host.Remaining());
    }

    private sealed class Host : IDisposable
    {
        private readonly string _mark = Guid.NewGuid().ToString("N");
        private readonly Process _process;

        public Host(params string[] args)
        {
            var start = new ProcessStartInfo("dotnet")
            {
                RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = "/",
                Environment = { ["HOST_FIXTURE_MARK"] = _mark },
            };
            foreach (var arg in (string[])["exec", typeof(HostFixture.Program).Assembly.Location, .. args])
            {
                start.ArgumentList.Add(arg);
            }
            _process = new Process { StartInfo = start };
            _process.OutputDataReceived += (_, e) => Lines.Add(e.Data ?? "");
            _process.ErrorDataReceived += (_, e) => Lines.Add(e.Data ?? "");
            _process.Start();
            _process.BeginOutputReadLine();
            _process.BeginErrorReadLine();
        }

        public ConcurrentBag<string> Lines { get; } = [];

        public Task IsUpAsync() => Poll.UntilAsync(() => Lines.Contains("[tree] tree is up"));

        public void Signal(string signal)
        {
            using var kill = Process.Start("kill", [$"-{signal}", $"{_process.Id}"]);
            kill.WaitForExit();
        }

        public string[] Remaining() => MarkedProcesses.Find(_mark);

        public async Task<int> ExitCodeAsync()
        {
            await _process.WaitForExitAsync(Apps.Soon());
            return _process.ExitCode;
        }

        public void Dispose()
        {
            if (!_process.HasExited)
            {
                _process.Kill(entireProcessTree: true);
            }
            _process.Dispose();
        }
    }
}
