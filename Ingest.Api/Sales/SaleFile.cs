using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using CsvHelper;
using CsvHelper.Configuration;
using Ingest.Api.Http;
using Taproom.Reports;

namespace Ingest.Api.Sales;

/// <summary>A line of a file of sales.</summary>
/// <param name="Line">Its number, from 1; of a record over several lines the last.</param>
/// <param name="Cells">What is not blank in it, by the names of the columns in whatever case.</param>
/// <param name="Wrong">Why it cannot be read, or null.</param>
internal sealed record SaleRow(int Line, IReadOnlyDictionary<string, string> Cells, string? Wrong = null);

/// <summary>A file of sales, as text.</summary>
/// <param name="Rows">Its lines, without the header and without blank ones.</param>
/// <param name="HasCommas">Whether a comma in it can be a decimal comma, because semicolons part its cells.</param>
internal sealed record SaleFile(IReadOnlyList<SaleRow> Rows, bool HasCommas)
{
    private static readonly Dictionary<string, string> Nothing = [];

    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    /// <summary>Reads a file.</summary>
    /// <returns>The file, or why it is refused as a whole.</returns>
    public static (SaleFile? File, Refusal? Refusal) Read(ReadOnlyMemory<byte> body, ImportQuery query)
    {
        body = body.Span.StartsWith(ByteOrderMark) ? body[ByteOrderMark.Length..] : body;
        if (!Utf8.IsValid(body.Span))
        {
            return (null, Refusal.Malformed(null, "The file is not UTF-8; save it as UTF-8, with or without a byte order mark."));
        }

        var (file, refusal) = query.Format == "csv" ? ReadCsv(Encoding.UTF8.GetString(body.Span), query) : (ReadJsonLines(body), null);
        return file?.Rows.Count is 0 or > JsonLines.MaxLines
            ? (null, Refusal.Malformed(null, $"The file must have 1 to {JsonLines.MaxLines} sales; part a longer one."))
            : (file, refusal);
    }

    private static SaleFile ReadJsonLines(ReadOnlyMemory<byte> body) =>
        // One more than there may be is enough to know.
        new([.. JsonLines.Split(body).Take(JsonLines.MaxLines + 1).Select(line => ReadJson(line.Number, line.Text))], HasCommas: false);

    private static SaleRow ReadJson(int number, ReadOnlyMemory<byte> text)
    {
        if (!StrictJson.TryParseObject(text, out var document, out var refusal))
        {
            return new SaleRow(number, Nothing, refusal.Reason.Replace("The body", "The line", StringComparison.Ordinal));
        }

        using (document)
        {
            var cells = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
            foreach (var member in document.RootElement.EnumerateObject().Where(member => member.Value.ValueKind is not JsonValueKind.Null))
            {
                // What else it has, its own columns among them, is not a text or a number and says nothing here.
                cells[member.Name] = member.Value.ValueKind is JsonValueKind.String ? member.Value.GetString()!.Trim() : member.Value.GetRawText();
            }

            return new SaleRow(number, cells);
        }
    }

    private static (SaleFile? File, Refusal? Refusal) ReadCsv(string text, ImportQuery query)
    {
        var delimiter = DelimiterOf(text);
        var isBad = false;
        var configuration = new CsvConfiguration(CultureInfo.InvariantCulture)
        {
            Delimiter = delimiter,
            IgnoreBlankLines = false,
            BadDataFound = _ => isBad = true,
        };
        using var parser = new CsvParser(new StringReader(text), configuration);
        if (!parser.Read() || parser.Record is not { } header)
        {
            return (null, Refusal.Malformed(null, "The file is empty; its first line names the columns."));
        }

        header = [.. header.Select(name => name.Trim())];
        if (Check(header, query) is { } refusal)
        {
            return (null, refusal);
        }

        var rows = new List<SaleRow>();
        for (isBad = false; rows.Count <= JsonLines.MaxLines && parser.Read(); isBad = false)
        {
            var cells = parser.Record ?? [];
            if (cells is [] or [""])
            {
                continue;
            }

            rows.Add(
                isBad ? new SaleRow(parser.RawRow, Nothing, "A quote stands where none can be; write \"\" for a quote within quotes.")
                : cells.Length != header.Length
                    ? new SaleRow(
                        parser.RawRow,
                        Nothing,
                        $"The line has {cells.Length} cells and the header {header.Length}; put quotes around a cell that contains '{delimiter}'."
                    )
                : new SaleRow(parser.RawRow, ByName(header, cells))
            );
        }

        return (new SaleFile(rows, delimiter == ";"), null);
    }

    private static Dictionary<string, string> ByName(string[] header, string[] cells) =>
        header
            .Zip(cells, (name, cell) => (Name: name, Cell: cell.Trim()))
            .Where(cell => cell.Cell.Length > 0 && cell.Name.Length > 0)
            .ToDictionary(cell => cell.Name, cell => cell.Cell, StringComparer.OrdinalIgnoreCase);

    private static string DelimiterOf(string text)
    {
        var header = text.AsSpan(0, text.AsSpan().IndexOfAny('\r', '\n') is var end and >= 0 ? end : text.Length);
        return header.Count(';') > header.Count(',') ? ";" : ",";
    }

    private static Refusal? Check(string[] header, ImportQuery query)
    {
        var names = header.Where(name => name.Length > 0).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var has = SaleText.Short(string.Join(", ", header));
        var columns = query.Columns;
        var twice = header
            .Where(name => name.Length > 0)
            .GroupBy(name => name, StringComparer.OrdinalIgnoreCase)
            .FirstOrDefault(name => name.Count() > 1);
        var missing =
            query.Named.FirstOrDefault(named => !names.Contains(named.Column)) is { Parameter: { } parameter, Column: { } column }
                ? (parameter, $"'{column}'")
            : !names.Contains(columns.Time) ? ("time_column", $"'{columns.Time}'")
            : !names.Contains(columns.Beverage) && !names.Contains(columns.Tap) ? ("beverage_column", $"'{columns.Beverage}' and no '{columns.Tap}'")
            : !names.Contains(columns.Volume) && !names.Contains(columns.Glass) ? ("volume_column", $"'{columns.Volume}' and no '{columns.Glass}'")
            : ((string Parameter, string Column)?)null;
        return twice is not null ? Refusal.Unprocessable(twice.Key, $"The file has two columns '{SaleText.Short(twice.Key)}'; rename one.")
            : missing is { } none
                ? Refusal.Unprocessable(
                    none.Parameter,
                    $"The file has no column {none.Column}; its first line has: {has}. Say with '{none.Parameter}' what the file calls it."
                )
            : null;
    }
}
