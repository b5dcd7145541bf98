using System.Buffers;
using System.IO.Compression;
using System.IO.Pipelines;
using System.Security.Cryptography;

namespace Consumer.Worker.Archive;

/// <summary>The compressed form of a file whose hour is over, under a name of its own until it is safely on the disk.</summary>
internal sealed class CompressedFile
{
    private readonly FileInfo _source;
    private readonly FileInfo _new;
    private readonly string _hash;
    private readonly bool _isEmpty;

    private CompressedFile(FileInfo source, FileInfo compressed, string hash, bool isEmpty) =>
        (_source, _new, _hash, _isEmpty) = (source, compressed, hash, isEmpty);

    /// <summary>Compresses the whole lines of a file, each once: one that stands there twice was delivered again after a crash.</summary>
    /// <remarks>The same lines give the same bytes, so what is done again after a crash is found to be there.</remarks>
    public static async Task<CompressedFile> CreateAsync(FileInfo source, CancellationToken cancellationToken)
    {
        var compressed = new FileInfo($"{source.FullName}.tmp");
        var seen = new HashSet<UInt128>();
        await using (var target = compressed.Create())
        {
            await using var gzip = new GZipStream(target, CompressionLevel.Optimal);
            await using var content = source.OpenRead();
            var lines = PipeReader.Create(content, new StreamPipeReaderOptions(leaveOpen: true));
            while (await lines.ReadAsync(cancellationToken) is { } read)
            {
                var rest = read.Buffer;
                while (rest.PositionOf((byte)'\n') is { } end)
                {
                    var line = rest.Slice(0, rest.GetPosition(1, end)).ToArray();
                    rest = rest.Slice(line.Length);
                    if (seen.Add(BitConverter.ToUInt128(SHA256.HashData(line))))
                    {
                        gzip.Write(line);
                    }
                }

                lines.AdvanceTo(rest.Start, rest.End);
                if (read.IsCompleted)
                {
                    break;
                }
            }

            await lines.CompleteAsync();
        }

        return new CompressedFile(source, compressed, HashOf(compressed), seen.Count == 0);
    }

    /// <summary>Gives it its name, beside what is there of the same hour already.</summary>
    public void Rename()
    {
        var file = _source.FullName[..^ArchiveNames.Closed.Length];
        var first = new FileInfo(file + ArchiveNames.Compressed);
        if (_isEmpty)
        {
            _new.Delete();
        }
        else if (!first.Exists || HashOf(first) == _hash)
        {
            File.Move(_new.FullName, first.FullName, overwrite: true);
        }
        else
        {
            File.Move(_new.FullName, ArchiveNames.Part(file, _hash) + ArchiveNames.Compressed, overwrite: true);
        }
    }

    /// <summary>Removes the file that it was made from.</summary>
    public void RemoveSource() => _source.Delete();

    private static string HashOf(FileInfo file)
    {
        using var content = file.OpenRead();
        return Convert.ToHexStringLower(SHA256.HashData(content));
    }
}
