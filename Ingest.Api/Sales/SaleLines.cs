using System.Globalization;
using System.Text.RegularExpressions;
using Ingest.Api.Venue;
using Taproom.Reports;

namespace Ingest.Api.Sales;

/// <summary>Understands the lines of a file of sales: times of the venue's clock, decimal commas, glasses by name.</summary>
internal sealed partial class SaleLines(SaleColumns columns, bool hasCommas, VenueOptions venue, DateTimeOffset now)
{
    private static readonly string[] LocalForms =
    [
        "yyyy-MM-dd'T'HH:mm",
        "yyyy-MM-dd'T'HH:mm:ss",
        "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF",
        "yyyy-MM-dd HH:mm",
        "yyyy-MM-dd HH:mm:ss",
        "yyyy-MM-dd HH:mm:ss.FFFFFFF",
        "d.M.yyyy HH:mm",
        "d.M.yyyy HH:mm:ss",
    ];

    private readonly TimeZoneInfo _zone = venue.Zone;

    /// <summary>Understands a line.</summary>
    /// <returns>The sale, or what is wrong and what to do; the member is the column.</returns>
    public (SaleDraft? Draft, Refusal? Wrong) Read(SaleRow row)
    {
        if (row.Wrong is not null)
        {
            return (null, Refusal.Malformed(null, row.Wrong));
        }

        Refusal? wrong = null;
        var time = Time(Cell(columns.Time), ref wrong);
        var tap = Whole(columns.Tap, ref wrong);
        var count = Whole(columns.Number, ref wrong);
        var volume = Number(columns.Volume, ref wrong) ?? Glass(Cell(columns.Glass), ref wrong);
        var price = Number(columns.Price, ref wrong);
        if (wrong is not null)
        {
            return (null, wrong);
        }

        var draft = new SaleDraft(time, tap, Cell(columns.Beverage), volume!.Value, count ?? 1, price);
        return draft.Check(now) is { } refusal ? (null, Named(refusal)) : (draft, null);

        string? Cell(string column) => row.Cells.GetValueOrDefault(column) is { Length: > 0 } cell ? cell : null;

        decimal? Number(string column, ref Refusal? wrong) => Cell(column) is { } cell ? ReadNumber(column, cell, ref wrong) : null;

        int? Whole(string column, ref Refusal? wrong)
        {
            if (Number(column, ref wrong) is not { } number)
            {
                return null;
            }

            if (number == decimal.Truncate(number) && number is >= 1 and <= int.MaxValue)
            {
                return (int)number;
            }

            wrong ??= Refusal.Unprocessable(column, $"'{SaleText.Short(Cell(column)!)}' is no whole number, 1 or more.");
            return null;
        }
    }

    /// <summary>A refusal by the name that the file has for the member.</summary>
    public Refusal Named(Refusal refusal) =>
        refusal with
        {
            Member = refusal.Member switch
            {
                "time" => columns.Time,
                "tapId" => columns.Tap,
                "beverage" => columns.Beverage,
                "volumeMl" => columns.Volume,
                "count" => columns.Number,
                "price" => columns.Price,
                _ => refusal.Member,
            },
        };

    private decimal? ReadNumber(string column, string cell, ref Refusal? wrong)
    {
        var isNumber = Plain().IsMatch(cell) || (hasCommas && WithComma().IsMatch(cell));
        if (isNumber && hasCommas && Thousands().IsMatch(cell))
        {
            wrong ??= Refusal.Unprocessable(
                column,
                $"'{cell}' may be a thousand or one; in a file with semicolons write it without the point, or with a decimal comma."
            );
            return null;
        }

        if (isNumber && decimal.TryParse(cell.Replace(',', '.'), NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
        {
            return number;
        }

        wrong ??= Refusal.Unprocessable(
            column,
            hasCommas || !WithComma().IsMatch(cell)
                ? $"'{SaleText.Short(cell)}' is no number; write digits with a decimal point, without units and without signs for thousands."
                : $"'{SaleText.Short(cell)}' has a comma; a decimal comma is read only where semicolons part the cells. Write a point."
        );
        return null;
    }

    private decimal? Glass(string? name, ref Refusal? wrong)
    {
        var volumeMl = name is null ? null : venue.GlassMl(name);
        if (volumeMl is null)
        {
            wrong ??= name is null
                ? Refusal.Unprocessable(columns.Volume, $"Neither '{columns.Volume}' nor '{columns.Glass}' says how much it was.")
                : Refusal.Unprocessable(
                    columns.Glass,
                    $"The glass '{SaleText.Short(name)}' has no volume; set Venue__Glasses__NAME to its mL, or give a volume."
                );
        }

        return volumeMl;
    }

    private DateTimeOffset Time(string? cell, ref Refusal? wrong)
    {
        if (cell is null)
        {
            wrong ??= Refusal.Unprocessable(columns.Time, $"'{columns.Time}' is missing; say when it was sold.");
            return default;
        }

        if (Rfc3339.TryParse(cell, out var instant))
        {
            return instant;
        }

        if (!DateTime.TryParseExact(cell, LocalForms, CultureInfo.InvariantCulture, DateTimeStyles.None, out var local))
        {
            wrong ??= Refusal.Unprocessable(
                columns.Time,
                $"'{SaleText.Short(cell)}' is no time; write it as 2026-03-01T20:15:04+01:00, or as 2026-03-01 20:15 or 1.3.2026 20:15 on the clock of {venue.TimeZone}."
            );
            return default;
        }

        if (_zone.IsInvalidTime(local))
        {
            wrong ??= Refusal.Unprocessable(
                columns.Time,
                $"'{cell}' never was on the clock of {venue.TimeZone}, which was put forward then; check Venue__TimeZone, or write the offset."
            );
            return default;
        }

        // When clocks are put back an hour comes twice: the first is taken, whatever the file was written in.
        var offset = _zone.IsAmbiguousTime(local) ? _zone.GetAmbiguousTimeOffsets(local).Max() : _zone.GetUtcOffset(local);
        return new DateTimeOffset(Math.Clamp(local.Ticks - offset.Ticks, 0, DateTime.MaxValue.Ticks), TimeSpan.Zero);
    }

    [GeneratedRegex(@"^-?\d{1,15}(\.\d{1,10})?\z", RegexOptions.CultureInvariant | RegexOptions.ECMAScript)]
    private static partial Regex Plain();

    [GeneratedRegex(@"^-?\d{1,15},\d{1,10}\z", RegexOptions.CultureInvariant)]
    private static partial Regex WithComma();

    [GeneratedRegex(@"^-?[1-9]\d{0,2}\.\d{3}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Thousands();
}
