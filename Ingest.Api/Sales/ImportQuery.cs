using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Mvc;

namespace Ingest.Api.Sales;

/// <summary>How a file of sales is to be read, and whether it is to be stored.</summary>
public sealed record ImportQuery
{
    private const int MaxName = 100;
    private const string WrongFormat = "The parameter 'format' must be 'csv' or 'jsonl'.";
    private const string TooLong = "The name of a column must not be longer than 100 characters.";

    [FromQuery(Name = "format"), Description("The form of the file: csv or jsonl."), AllowedValues("csv", "jsonl", ErrorMessage = WrongFormat)]
    public required string Format { get; init; }

    [FromQuery(Name = "dry_run"), Description("Whether to say only how the file is understood, and to store nothing.")]
    public bool? DryRun { get; init; }

    [FromQuery(Name = "time_column"), Description("What the file calls the time; 'time' when absent."), StringLength(MaxName, ErrorMessage = TooLong)]
    public string? TimeColumn { get; init; }

    [FromQuery(Name = "beverage_column"), Description("… the beverage; 'beverage'."), StringLength(MaxName, ErrorMessage = TooLong)]
    public string? BeverageColumn { get; init; }

    [FromQuery(Name = "tap_column"), Description("… the id of the tap; 'tap'."), StringLength(MaxName, ErrorMessage = TooLong)]
    public string? TapColumn { get; init; }

    [FromQuery(Name = "volume_column"), Description("… the mL of one glass; 'volume'."), StringLength(MaxName, ErrorMessage = TooLong)]
    public string? VolumeColumn { get; init; }

    [FromQuery(Name = "glass_column"), Description("… the name of the glass; 'glass'."), StringLength(MaxName, ErrorMessage = TooLong)]
    public string? GlassColumn { get; init; }

    [FromQuery(Name = "number_column"), Description("… how many glasses; 'number'."), StringLength(MaxName, ErrorMessage = TooLong)]
    public string? NumberColumn { get; init; }

    [FromQuery(Name = "price_column"), Description("… the price of one glass; 'price'."), StringLength(MaxName, ErrorMessage = TooLong)]
    public string? PriceColumn { get; init; }

    /// <summary>The columns.</summary>
    internal SaleColumns Columns =>
        new(
            TimeColumn ?? "time",
            BeverageColumn ?? "beverage",
            TapColumn ?? "tap",
            VolumeColumn ?? "volume",
            GlassColumn ?? "glass",
            NumberColumn ?? "number",
            PriceColumn ?? "price"
        );

    /// <summary>The parameters that name a column, with what they name.</summary>
    internal IEnumerable<(string Parameter, string Column)> Named =>
        new (string Parameter, string? Column)[]
        {
            ("time_column", TimeColumn),
            ("beverage_column", BeverageColumn),
            ("tap_column", TapColumn),
            ("volume_column", VolumeColumn),
            ("glass_column", GlassColumn),
            ("number_column", NumberColumn),
            ("price_column", PriceColumn),
        }
            .Where(named => named.Column is not null)
            .Select(named => (named.Parameter, named.Column!));
}

/// <summary>What a file calls the parts of a sale.</summary>
internal sealed record SaleColumns(string Time, string Beverage, string Tap, string Volume, string Glass, string Number, string Price);
