using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using Consumer.Worker.Archive;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Time.Testing;
using Taproom.Ingest;
using Testing;

namespace Consumer.Worker.Tests;

/// <summary>A worker with an archive of its own, by a clock that the test sets.</summary>
internal sealed class ArchiveRun : IAsyncDisposable
{
    /// <summary>When each run begins: in the middle of an hour.</summary>
    public static readonly DateTimeOffset Start = new(2026, 3, 29, 0, 30, 0, TimeSpan.Zero);

    /// <summary>The folder of the first hour.</summary>
    public const string Hour = "2026-03-29-00";

    private readonly bool _isGuest;

    private ArchiveRun(Worker worker, FakeTimeProvider time, bool isGuest = false) => (Worker, Time, _isGuest) = (worker, time, isGuest);

    public Worker Worker { get; }

    public FakeTimeProvider Time { get; }

    public string Root => Worker.Settings["Archive:Path"]!;

    public static async Task<ArchiveRun> CreateAsync(Servers servers, params IEnumerable<(string Key, string? Value)> overrides)
    {
        var settings = await servers.SettingsAsync();
        settings["Archive:Path"] = Path.Combine(Path.GetTempPath(), $"taproom-archive-{Guid.NewGuid():N}");
        foreach (var (key, value) in overrides)
        {
            settings[key] = value;
        }

        var time = new FakeTimeProvider(Start);
        return new ArchiveRun(Worker.Create(settings, time), time);
    }

    /// <summary>Another worker, on the same root unless it has another.</summary>
    public ArchiveRun Sibling(string? root = null) =>
        new(Worker.Create(new Dictionary<string, string?>(Worker.Settings) { ["Archive:Path"] = root ?? Root }, Time), Time, isGuest: root is null);

    /// <summary>Archives what waits.</summary>
    public async Task ArchiveAsync()
    {
        while (await Worker.TurnAsync(ConsumerGroups.Archive) > 0) { }
    }

    /// <summary>Closes the hours that are over.</summary>
    public Task<int> CloseAsync() => Worker.Get<HourCloser>().CloseAsync(CancellationToken.None);

    /// <summary>Lets the hour end, with its grace.</summary>
    public void EndHour() => Time.Advance(TimeSpan.FromMinutes(62));

    public async Task<HealthStatus> HealthAsync() =>
        (await Worker.Get<HealthCheckService>().CheckHealthAsync(check => check.Name == "archive")).Status;

    /// <summary>Paths of the files, below the root, without the locks.</summary>
    public IReadOnlyList<string> Files() =>
        [
            .. Directory
                .EnumerateFiles(Root, "*", SearchOption.AllDirectories)
                .Select(file => Path.GetRelativePath(Root, file))
                .Where(file => !file.EndsWith(".lock", StringComparison.Ordinal))
                .Order(StringComparer.Ordinal),
        ];

    /// <summary>The file of a device in an hour.</summary>
    public string PathOf(string id, string hour = Hour, string ending = ".jl") => Path.Combine(Root, hour, $"taproom-{id}-{hour}{ending}");

    /// <summary>The lines of a device in the first hour, not closed yet.</summary>
    public IReadOnlyList<JsonObject> Lines(string id) => LinesOf(File.ReadAllText(PathOf(id)));

    public static IReadOnlyList<JsonObject> LinesOf(string text)
    {
        Assert.True(text.Length == 0 || text.EndsWith('\n'));
        return [.. text.Split('\n')[..^1].Select(line => JsonNode.Parse(line)!.AsObject())];
    }

    public static IReadOnlyList<JsonObject> LinesOfCompressed(Stream compressed)
    {
        using var reader = new StreamReader(new GZipStream(compressed, CompressionMode.Decompress), Encoding.UTF8);
        return LinesOf(reader.ReadToEnd());
    }

    public static IReadOnlyList<JsonObject> LinesOfCompressed(string path)
    {
        using var file = File.OpenRead(path);
        return LinesOfCompressed(file);
    }

    public static IEnumerable<Guid> Ids(IEnumerable<JsonObject> lines) => lines.Select(line => (Guid)line["id"]!);

    public async ValueTask DisposeAsync()
    {
        await Worker.DisposeAsync();
        if (!_isGuest && Directory.Exists(Root))
        {
            Directory.Delete(Root, recursive: true);
        }
    }
}
