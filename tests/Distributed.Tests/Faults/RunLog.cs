using System.Globalization;
using Testing;
using Xunit.Abstractions;

namespace Distributed.Tests.Faults;

/// <summary>Says what goes on, in the test's output and, at once, in <c>artifacts/faults/run.log</c>.</summary>
internal sealed class RunLog(ITestOutputHelper output) : IDisposable
{
    private readonly StreamWriter _file = new(Path.Combine(Folder, "run.log")) { AutoFlush = true };

    /// <summary>Where everything goes that a run has to say: this, and the logs of the services.</summary>
    public static string Folder { get; } = Directory.CreateDirectory(Path.Combine(LocalServer.Repository, "artifacts", "faults")).FullName;

    /// <summary>Says something.</summary>
    public void Say(string what)
    {
        var line = string.Create(CultureInfo.InvariantCulture, $"{DateTimeOffset.UtcNow:HH:mm:ss} {what}");
        output.WriteLine(line);
        _file.WriteLine(line);
    }

    /// <inheritdoc />
    public void Dispose() => _file.Dispose();
}
