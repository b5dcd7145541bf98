using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Testing;

namespace Distributed.Tests.Faults;

/// <summary>
/// The archive of a run. Its own hour is seldom over before it is, so files of hours long ago are put beside it all the time, as a worker
/// leaves them that was away for long: they have to be closed and uploaded.
/// </summary>
internal sealed class ArchivedLines : IAsyncDisposable
{
    private static readonly DateTimeOffset Long = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly RunningTaproom _taproom;
    private readonly List<DateTimeOffset> _hours = [];
    private readonly CancellationTokenSource _end = new();
    private readonly Task _writing;

    /// <summary>Begins to put files there.</summary>
    public ArchivedLines(RunningTaproom taproom)
    {
        _taproom = taproom;
        _writing = Task.Run(WriteAsync);
    }

    /// <summary>How many files are to be in the bucket.</summary>
    public int Files => _hours.Count;

    /// <summary>Puts no more there, and waits until all are uploaded.</summary>
    public async Task UploadedAsync()
    {
        await EndAsync();
        await Eventually.TrueAsync(
            () => Task.FromResult(_hours.TrueForAll(hour => !Directory.Exists(Path.Combine(_taproom.Archive, Name(hour))))),
            "all hours that are over are uploaded",
            TimeSpan.FromMinutes(2)
        );
    }

    /// <summary>Compares the lines with what was accepted, and the objects in the bucket with the files.</summary>
    /// <returns>Everything that is wrong, in sentences.</returns>
    public async Task<IReadOnlyList<string>> FaultsAsync(PourLedger ledger, AcceptedEntries entries)
    {
        while (true)
        {
            await entries.StoredAsync();
            var (before, faults) = (entries.Count, await CompareAsync(ledger, entries));
            // An alert that something is over may come at any time.
            if (entries.Count == before)
            {
                return faults;
            }
        }
    }

    private async Task<List<string>> CompareAsync(PourLedger ledger, AcceptedEntries entries)
    {
        var faults = new List<string>();
        foreach (var hour in _hours)
        {
            var key = $"taproom-logs/7/{hour:yyyy/MM/dd}/taproom-7-{Name(hour)}.jl.gz._S3rver_object";
            if (
                !File.Exists(Path.Combine(_taproom.Store.BucketPath, key))
                || await ReadAsync(Path.Combine(_taproom.Store.BucketPath, key)) != Line(hour)
            )
            {
                faults.Add($"The hour {Name(hour)} is not in the bucket as it was written.");
            }
        }

        // The same line may be there twice, after a crash between the disk and the acknowledgement; never another.
        var lines = new HashSet<(Guid Id, string Tap, string Position)>();
        // An hour that was over in the run is in the bucket already.
        string[] files =
        [
            .. Directory.GetFiles(_taproom.Archive, "*.jl*", SearchOption.AllDirectories),
            .. Directory.GetFiles(_taproom.Store.BucketPath, "*._S3rver_object", SearchOption.AllDirectories),
        ];
        foreach (var file in files)
        {
            foreach (var line in (await ReadAsync(file)).Split('\n').Where(line => line.StartsWith("{\"id\"", StringComparison.Ordinal)))
            {
                using var json = JsonDocument.Parse(line);
                var (id, tap) = (json.RootElement.GetProperty("id").GetGuid(), json.RootElement.GetProperty("tap").GetString()!);
                lines.Add((id, tap, json.RootElement.GetProperty("position").GetString()!));
            }
        }

        var archived = lines.CountBy(line => (line.Id, line.Tap)).ToDictionary();
        var wrong = ledger.Pours.Values.Count(pour => archived.GetValueOrDefault((pour.Id, $"{pour.Tap}")) != pour.Accepted);
        if (wrong > 0 || lines.Count != entries.Count)
        {
            faults.Add($"The archive has {lines.Count} different lines of {entries.Count} entries; those of {wrong} pours are too many or too few.");
        }

        return faults;
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        _end.Dispose();
    }

    private async Task EndAsync()
    {
        await _end.CancelAsync();
        await _writing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task WriteAsync()
    {
        while (!_end.IsCancellationRequested)
        {
            // Under another name, which is no hour, until it is whole.
            var hour = Long.AddHours(_hours.Count);
            var folder = Directory.CreateDirectory(Path.Combine(_taproom.Archive, $"new-{Name(hour)}"));
            await File.WriteAllTextAsync(Path.Combine(folder.FullName, $"taproom-7-{Name(hour)}.jl"), Line(hour), CancellationToken.None);
            folder.MoveTo(Path.Combine(_taproom.Archive, Name(hour)));
            _hours.Add(hour);
            await Task.Delay(500, _end.Token);
        }
    }

    private static string Name(DateTimeOffset hour) => hour.ToString("yyyy-MM-dd-HH", CultureInfo.InvariantCulture);

    private static string Line(DateTimeOffset hour) => $"{{\"hour\":\"{Name(hour)}\"}}\n";

    private static async Task<string> ReadAsync(string file)
    {
        await using var bytes = File.OpenRead(file);
        await using var plain = file.Contains(".gz", StringComparison.Ordinal) ? new GZipStream(bytes, CompressionMode.Decompress) : (Stream)bytes;
        using var reader = new StreamReader(plain, Encoding.UTF8);
        return await reader.ReadToEndAsync();
    }
}
