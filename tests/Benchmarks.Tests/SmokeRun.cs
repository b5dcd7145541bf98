using System.Text.Json;
using Testing;

namespace Benchmarks.Tests;

/// <summary>All cases of the bench in small, run once; the bench ends with an error when the counts of a case do not add up.</summary>
public sealed class SmokeRun : IAsyncLifetime
{
    // The bench ends a smoke run that takes longer than five minutes.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(6);
    private static readonly string Results = Path.Combine(LocalServer.Repository, "artifacts", "bench", "smoke");

    private string _output = "";

    /// <inheritdoc />
    public async Task InitializeAsync()
    {
        if (Directory.Exists(Results))
        {
            Directory.Delete(Results, recursive: true);
        }

        await using var bench = ServiceProcess.Start(Path.Combine("tests", "Benchmarks"), new Dictionary<string, string?>(), "--smoke");
        _output = (await bench.ExitAsync(Patience)).Output;
    }

    /// <summary>The figures of a case by their names: the value of each round.</summary>
    public async Task<IReadOnlyDictionary<string, double[]>> FiguresAsync(string name)
    {
        var file = Path.Combine(Results, $"{name}.json");
        Assert.True(File.Exists(file), _output);
        using var result = JsonDocument.Parse(await File.ReadAllTextAsync(file));
        return result
            .RootElement.GetProperty("figures")
            .EnumerateArray()
            .ToDictionary(figure => figure.GetProperty("name").GetString()!, figure => figure.GetProperty("rounds").Deserialize<double[]>()!);
    }

    /// <inheritdoc />
    public Task DisposeAsync() => Task.CompletedTask;
}
