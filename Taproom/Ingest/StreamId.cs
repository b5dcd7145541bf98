using System.Globalization;

namespace Taproom.Ingest;

/// <summary>The id of a stream entry, <c>milliseconds-sequence</c>; ids of one stream only rise.</summary>
/// <param name="Milliseconds">Unix time in ms of Redis's clock when the entry was appended.</param>
/// <param name="Sequence">Counts the entries of one millisecond.</param>
public readonly record struct StreamId(ulong Milliseconds, ulong Sequence)
{
    /// <summary>Reads an id as Redis writes it.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static StreamId Parse(string text)
    {
        var dash = text.IndexOf('-', StringComparison.Ordinal);
        return dash < 0
            ? throw new FormatException("A stream id has the form milliseconds-sequence.")
            : new StreamId(Number(text.AsSpan(0, dash)), Number(text.AsSpan(dash + 1)));
    }

    /// <summary>The one that comes first in the stream.</summary>
    public static StreamId Min(StreamId a, StreamId b) => a.CompareTo(b) <= 0 ? a : b;

    /// <summary>Below 0 when this one comes first in the stream, 0 when both are the same.</summary>
    public int CompareTo(StreamId other) => (Milliseconds, Sequence).CompareTo((other.Milliseconds, other.Sequence));

    /// <inheritdoc />
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Milliseconds}-{Sequence}");

    private static ulong Number(ReadOnlySpan<char> digits) => ulong.Parse(digits, NumberStyles.None, CultureInfo.InvariantCulture);
}
