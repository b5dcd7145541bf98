using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Taproom.Ingest;
using Taproom.Store;

namespace Consumer.Worker.Archive;

/// <summary>How the folders and files of the archive are named.</summary>
internal static class ArchiveNames
{
    /// <summary>Ends the name of a file that lines are added to.</summary>
    public const string Open = ".jl";

    /// <summary>Ends the name of a file whose hour is over, until its compressed form is on disk.</summary>
    public const string Closed = ".jl.closed";

    /// <summary>Ends the name of a compressed file.</summary>
    public const string Compressed = ".jl.gz";

    private const string Start = "taproom-";
    private const string HourFormat = "yyyy-MM-dd-HH";
    private const int MaxLength = 100;

    private static readonly string MeterPrefix = Meter.Device("");

    /// <summary>Whether an entry comes from a meter.</summary>
    public static bool IsOfMeter(IngestEntry entry) => entry.Tap.StartsWith(MeterPrefix, StringComparison.Ordinal);

    /// <summary>The folder of an hour; UTC.</summary>
    public static string Hour(DateTimeOffset at) => at.UtcDateTime.ToString(HourFormat, CultureInfo.InvariantCulture);

    /// <summary>When the hour of a folder begins; null when it is no such folder.</summary>
    public static DateTimeOffset? HourOf(string folder) =>
        DateTimeOffset.TryParseExact(folder, HourFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var hour) ? hour : null;

    /// <summary>
    /// What the file of an entry is named after: <c>7</c> for a tap, <c>meter-002738</c> for a meter, and the kind (<c>message</c>,
    /// <c>event</c>) for what comes from no device.
    /// </summary>
    /// <remarks>Whatever another program writes, it is a part of a file name: other characters than letters, digits, '.', '_' and '-' become <c>~XX</c>.</remarks>
    public static string Id(IngestEntry entry) =>
        IsOfMeter(entry) ? $"meter-{Safe(entry.Tap[MeterPrefix.Length..])}" : Safe(entry.Tap.Length > 0 ? entry.Tap : entry.Kind);

    /// <summary>The name of an entry's file, without its ending.</summary>
    public static string File(string id, string hour) => $"{Start}{id}-{hour}";

    /// <summary>The files of an hour that are the archive's own, for a search in its folder.</summary>
    public static string Pattern(string hour, string ending) => $"{Start}*-{hour}*{ending}";

    /// <summary>The name under which a compressed file has further lines of an hour, beside the file that was there first.</summary>
    /// <param name="file">The name without ending.</param>
    /// <param name="hash">The hash of its content, so that the same content has the same name.</param>
    public static string Part(string file, string hash) => $"{file}.{hash[..16]}";

    /// <summary>The key of a compressed file in the bucket, without its ending, and the same for a part of it.</summary>
    /// <param name="hour">When its hour begins.</param>
    /// <param name="name">The name of the local file, which may be that of a part.</param>
    public static string Key(DateTimeOffset hour, string name)
    {
        var end = $"-{Hour(hour)}";
        var id = name[Start.Length..name.LastIndexOf(end, StringComparison.Ordinal)];
        return string.Create(CultureInfo.InvariantCulture, $"{id}/{hour:yyyy}/{hour:MM}/{hour:dd}/{File(id, Hour(hour))}");
    }

    private static string Safe(string text)
    {
        var safe = new StringBuilder();
        foreach (var value in Encoding.UTF8.GetBytes(text))
        {
            var isPlain = char.IsAsciiLetterOrDigit((char)value) || value is (byte)'_' or (byte)'-' || (value is (byte)'.' && safe.Length > 0);
            _ = isPlain ? safe.Append((char)value) : safe.Append(CultureInfo.InvariantCulture, $"~{value:X2}");
        }

        return safe.Length <= MaxLength
            ? safe.ToString()
            : $"{safe.ToString(0, MaxLength)}~{Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..16]}";
    }
}
