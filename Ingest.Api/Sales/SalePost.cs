using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Ingest.Api.Http;
using Taproom.Store;

namespace Ingest.Api.Sales;

/// <summary>A sale as it is posted.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record SalePost(
    [property: Description("When it was sold: an RFC 3339 time with an offset.")]
    [property: Required(ErrorMessage = "The member 'time' must be an RFC 3339 time with an offset.")]
        DateTimeOffset? Time = null,
    [property: Description("Volume of one glass, in mL."), Required(ErrorMessage = "The member 'volumeMl' must be a number.")]
        decimal? VolumeMl = null,
    [property: Description("The id under which it is stored once, however often it comes. A new one when absent.")] Guid? Id = null,
    [property: Description("The tap; this or the beverage must be there.")] int? TapId = null,
    [property: Description("The beverage of a keg that was ever there, in whatever case."), Text(200, IsOptional = true)] string? Beverage = null,
    [property: Description("How many glasses; 1 when absent.")] int? Count = null,
    [property: Description("Price of one glass, in the venue's money.")] decimal? Price = null
) : IValidatableObject
{
    /// <inheritdoc />
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) =>
        Id == Guid.Empty ? [new ValidationResult("The nil UUID is no id.", [nameof(Id)])] : [];

    /// <summary>What it tells; only of one that is valid.</summary>
    internal SaleDraft ToDraft() => new(Time!.Value, TapId, Beverage?.Trim(), VolumeMl!.Value, Count ?? 1, Price);
}

/// <summary>A sale as the API shows it.</summary>
internal sealed record SaleShape(Guid Id, DateTimeOffset Time, int? TapId, string? Beverage, decimal VolumeMl, int Count, decimal? Price)
{
    public static SaleShape Of(Sale sale) =>
        new(sale.Id, sale.SoldAt, sale.TapId, sale.Beverage, sale.VolumeMl.Plain(), sale.Count, sale.Price?.Plain());
}
