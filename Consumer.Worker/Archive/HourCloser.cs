using System.Diagnostics;
using Amazon.Runtime;
using Microsoft.Extensions.Options;
using Taproom;

namespace Consumer.Worker.Archive;

/// <summary>Closes the hours that are over: compresses their files, uploads them, and only then removes them.</summary>
/// <remarks>
/// Each step is done again after a crash, and what was done already changes nothing: a file is renamed <c>.jl.closed</c>, compressed and
/// flushed to <c>.jl.gz</c>, removed in its first form, uploaded, removed.
/// </remarks>
internal sealed partial class HourCloser(
    ArchiveFolder folder,
    ArchiveUpload upload,
    ArchiveHealth health,
    ArchiveMetrics metrics,
    IOptions<ArchiveOptions> options,
    TimeProvider time,
    ILogger<HourCloser> logger
) : BackgroundService
{
    private const string Health = "closing";
    private const int UploadsAtOnce = 8;
    private const int MaxFailuresInARow = 8;

    private static readonly TimeSpan Period = TimeSpan.FromSeconds(10);
    private static readonly ActivitySource Source = new("Consumer.Worker");

    private int _failuresInARow;

    // Folders in which nothing was left to do, with their time of change, and whether that was seen twice: the time is coarse.
    private readonly Dictionary<string, (DateTime ChangedAt, bool IsSure)> _quiet = [];

    /// <summary>One turn: closes each hour that is over, and uploads what waits.</summary>
    /// <returns>How many files wait for their upload still.</returns>
    internal async Task<int> CloseAsync(CancellationToken cancellationToken)
    {
        using var turn = folder.TryLockClosing();
        if (turn is null)
        {
            return 0;
        }

        var (waiting, failures) = (0, new List<Exception>());
        _failuresInARow = 0;
        foreach (var (start, hour) in HoursThatAreOver().OrderBy(hour => hour.Start))
        {
            hour.Refresh();
            var changedAt = hour.LastWriteTimeUtc;
            if (_quiet.TryGetValue(hour.Name, out var known) && known == (changedAt, true))
            {
                continue;
            }

            try
            {
                await CompressAsync(hour, cancellationToken);
            }
            catch (Exception ex) when (!cancellationToken.IsCancellationRequested)
            {
                // An upload may make room.
                failures.Add(ex);
            }

            var waitingHere = 0;
            if (upload.IsOn)
            {
                waitingHere = await UploadAsync(start, hour, failures, cancellationToken);
                waiting += waitingHere;
                await folder.RemoveIfEmptyAsync(hour, cancellationToken);
            }

            hour.Refresh();
            if (failures.Count == 0 && waitingHere == 0 && hour.Exists && hour.LastWriteTimeUtc == changedAt)
            {
                _quiet[hour.Name] = (changedAt, known.ChangedAt == changedAt);
            }
            else
            {
                _quiet.Remove(hour.Name);
            }
        }

        metrics.Waiting(waiting);
        var fault = failures.Count == 0 ? null : new AggregateException(failures);
        health.Set(Health, fault is null ? null : $"Files of the archive wait: {Say(fault)}");
        return fault is null ? waiting : throw fault;
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Value.Path is not null)
        {
            var loop = new RetryLoop(options.Value.MaxBackoff, (ex, failures, delay) => LogFailed(Say(ex), failures, delay), time);
            await loop.RunAsync(CloseAsync, Period, stoppingToken);
        }
    }

    private IEnumerable<(DateTimeOffset Start, DirectoryInfo Hour)> HoursThatAreOver()
    {
        var closable = time.GetUtcNow() - options.Value.Grace - TimeSpan.FromHours(1);
        return new DirectoryInfo(folder.Root)
            .EnumerateDirectories()
            .Select(hour => (Start: ArchiveNames.HourOf(hour.Name), Hour: hour))
            .Where(hour => hour.Start <= closable)
            .Select(hour => (hour.Start!.Value, hour.Hour));
    }

    private async Task CompressAsync(DirectoryInfo hour, CancellationToken cancellationToken)
    {
        // First what a crash has left, whose names would be taken.
        await CompressClosedAsync(hour, cancellationToken);
        // While a worker catches up on an hour of before, its files are not closed every few seconds.
        var isBusy = folder.WrittenAt(hour.Name) is { } writtenAt && time.GetUtcNow() - writtenAt < options.Value.Grace;
        if (!isBusy && hour.EnumerateFiles(ArchiveNames.Pattern(hour.Name, ArchiveNames.Open)).Any())
        {
            await folder.CloseAsync(hour, cancellationToken);
            await CompressClosedAsync(hour, cancellationToken);
        }
    }

    private async Task CompressClosedAsync(DirectoryInfo hour, CancellationToken cancellationToken)
    {
        var files = new List<CompressedFile>();
        foreach (var file in hour.EnumerateFiles(ArchiveNames.Pattern(hour.Name, ArchiveNames.Closed)).ToList())
        {
            cancellationToken.ThrowIfCancellationRequested();
            files.Add(await CompressedFile.CreateAsync(file, cancellationToken));
        }

        if (files.Count == 0)
        {
            return;
        }

        await folder.FlushAsync(cancellationToken);
        files.ForEach(file => file.Rename());
        await folder.FlushAsync(cancellationToken);
        files.ForEach(file => file.RemoveSource());
        LogCompressed(files.Count, hour.Name);
    }

    /// <returns>How many of its files wait still.</returns>
    private async Task<int> UploadAsync(DateTimeOffset start, DirectoryInfo hour, List<Exception> failures, CancellationToken cancellationToken)
    {
        var files = hour.GetFiles(ArchiveNames.Pattern(hour.Name, ArchiveNames.Compressed));
        if (files.Length == 0)
        {
            return 0;
        }

        using var activity = Source.StartActivity("upload archive");
        var uploaded = 0;
        await Parallel.ForEachAsync(
            files,
            new ParallelOptions { MaxDegreeOfParallelism = UploadsAtOnce, CancellationToken = cancellationToken },
            async (file, token) =>
            {
                // One file that is refused holds up no other, but a store that is away is not asked for each of them.
                if (Volatile.Read(ref _failuresInARow) >= MaxFailuresInARow)
                {
                    return;
                }

                try
                {
                    if (await upload.UploadAsync(start, file, token))
                    {
                        file.Delete();
                        Interlocked.Increment(ref uploaded);
                        metrics.Uploaded();
                        Volatile.Write(ref _failuresInARow, 0);
                    }
                }
                catch (Exception ex) when (!token.IsCancellationRequested)
                {
                    Interlocked.Increment(ref _failuresInARow);
                    metrics.UploadFailed();
                    lock (failures)
                    {
                        failures.Add(ex);
                    }
                }
            }
        );
        LogUploaded(uploaded, files.Length, hour.Name);
        return files.Length - uploaded;
    }

    /// <summary>What went wrong, without anything that a store may have put into its answer beside its code and words.</summary>
    private static string Say(Exception exception) =>
        exception switch
        {
            AggregateException { InnerExceptions: [var first, ..] all } => all.Count == 1 ? Say(first) : $"{Say(first)} ({all.Count} failures)",
            AmazonServiceException store => $"the store answered {(int)store.StatusCode} {store.ErrorCode}: {store.Message}",
            _ => exception.Message,
        };

    [LoggerMessage(LogLevel.Information, "Compressed {Count} files of hour {Hour}.")]
    private partial void LogCompressed(int count, string hour);

    [LoggerMessage(LogLevel.Information, "Uploaded {Count} of {All} files of hour {Hour}.")]
    private partial void LogUploaded(int count, int all, string hour);

    [LoggerMessage(LogLevel.Error, "Closing hours of the archive failed {Failures} times in a row; next try in {Delay}. {Message}")]
    private partial void LogFailed(string message, int failures, TimeSpan delay);
}
