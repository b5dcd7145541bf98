using System.Diagnostics.Metrics;

namespace Consumer.Worker.Archive;

/// <summary>What the worker counts of the archive; how far it is behind is <c>taproom.stream.lag</c> of group <c>archive</c>.</summary>
internal sealed class ArchiveMetrics
{
    private readonly Counter<long> _lines;
    private readonly Counter<long> _uploads;
    private readonly Counter<long> _failures;
    private long _waiting;

    public ArchiveMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("Consumer.Worker");
        _lines = meter.CreateCounter<long>("taproom.archive.lines", "{line}", "Lines on the disk.");
        _uploads = meter.CreateCounter<long>("taproom.archive.uploads", "{file}", "Files uploaded.");
        _failures = meter.CreateCounter<long>("taproom.archive.upload_failures", "{file}", "Uploads that failed and are tried again.");
        meter.CreateObservableGauge("taproom.archive.waiting", () => Volatile.Read(ref _waiting), "{file}", "Files that wait for their upload.");
    }

    /// <summary>Lines are on the disk.</summary>
    public void Written(int lines) => _lines.Add(lines);

    /// <summary>A file was uploaded.</summary>
    public void Uploaded() => _uploads.Add(1);

    /// <summary>An upload failed.</summary>
    public void UploadFailed() => _failures.Add(1);

    /// <summary>So many files wait for their upload.</summary>
    public void Waiting(int files) => Volatile.Write(ref _waiting, files);
}
