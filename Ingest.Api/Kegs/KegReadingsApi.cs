using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Ingest.Api.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Taproom.Reports;
using Taproom.Signals;
using Taproom.Store;

namespace Ingest.Api.Kegs;

/// <summary>What somebody finds to be left in a keg: <c>/api/kegs/{id}/readings</c>.</summary>
internal static class KegReadingsApi
{
    public static void MapKegReadings(this RouteGroupBuilder kegs) =>
        kegs.MapPost("/{id:guid}/readings", PostKegReading)
            .WithSummary("Corrects the level of a keg by its weight or by what a stick showed.")
            .Takes("""{"grossG":24500}""")
            .ProducesProblem(422);

    private static async Task<Results<Created<KegReadingShape>, ProblemHttpResult>> PostKegReading(
        Guid id,
        KegReadingPost post,
        KegStock stock,
        TaproomDb db,
        TapChanges changes,
        IOptions<KegOptions> options,
        HttpContext context,
        CancellationToken cancellationToken
    )
    {
        Refusal? refusal = null;
        var densityGPerMl = post.DensityGPerMl ?? (decimal)options.Value.DensityGPerMl;
        var reading = await stock.CorrectAsync(
            id,
            keg => (refusal = post.Check(keg, densityGPerMl)) is null ? post.LeftOf(keg, densityGPerMl) : null,
            post.GrossG,
            cancellationToken
        );
        if (reading is null)
        {
            return refusal is null ? Problems.NotFound($"Keg {id}") : Problems.Of(refusal);
        }

        context.Note($"{reading.LeftMl.Plain()} mL are left, corrected by {reading.CorrectionMl.Plain()} mL.");
        if (await db.Kegs.Where(keg => keg.Id == id).Select(keg => keg.TapId).SingleOrDefaultAsync(cancellationToken) is { } tapId)
        {
            await changes.PublishAsync(tapId);
        }

        return TypedResults.Created($"/api/kegs/{id}", KegReadingShape.Of(reading));
    }
}

/// <summary>What was found: one of the first three.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record KegReadingPost(
    [property: Description("What the keg weighs with what is in it, in g; it needs the keg's tareG.")]
    [property: Range(0, KegLimits.MaxG, ErrorMessage = "The member 'grossG' must be a number from 0 to 2000000000.")]
        decimal? GrossG = null,
    [property: Description("What is left, in mL, as a stick or a sight glass shows it.")]
    [property: Range(0, KegLimits.MaxMl, ErrorMessage = "The member 'leftMl' must be a number from 0 to 1000000000.")]
        decimal? LeftMl = null,
    [property: Description("Which part of the keg is left, 0 to 1.")]
    [property: Range(0.0, 1.0, ErrorMessage = "The member 'leftShare' must be a number from 0 to 1.")]
        decimal? LeftShare = null,
    [property: Description("What a mL weighs in g; Kegs:DensityGPerMl when absent, 1.0 unless that is set.")]
    [property: Range(0.7, 1.5, ErrorMessage = "The member 'densityGPerMl' must be a number from 0.7 to 1.5.")]
        decimal? DensityGPerMl = null
) : IValidatableObject
{
    // Kegs are filled a little above what is written on them, and scales are not exact.
    private const decimal MostOfSize = 1.1m;

    /// <inheritdoc />
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (((decimal?[])[GrossG, LeftMl, LeftShare]).Count(value => value is not null) != 1)
        {
            yield return new ValidationResult("One of 'grossG', 'leftMl' and 'leftShare' must be given.", ["leftMl"]);
        }
    }

    /// <summary>What is left, in mL.</summary>
    internal decimal LeftOf(Keg keg, decimal densityGPerMl) =>
        GrossG is { } gross ? (gross - keg.TareG!.Value) / densityGPerMl
        : LeftShare is { } share ? keg.SizeMl * share
        : LeftMl!.Value;

    /// <summary>Why it cannot be of a keg; null when it can.</summary>
    internal Refusal? Check(Keg keg, decimal densityGPerMl) =>
        GrossG is not null && keg.TareG is null
            ? Refusal.Unprocessable("grossG", $"It is not known what the empty keg weighs: PATCH /api/kegs/{keg.Id} with 'tareG', or send 'leftMl'.")
        : GrossG < keg.TareG
            ? Refusal.Unprocessable("grossG", $"The empty keg weighs {keg.TareG?.Plain()} g, and less than that it cannot: is its tare right?")
        : LeftOf(keg, densityGPerMl) > keg.SizeMl * MostOfSize
            ? Refusal.Unprocessable(
                GrossG is null ? "leftMl" : "grossG",
                $"That would be {decimal.Round(LeftOf(keg, densityGPerMl), 0).Plain()} mL, and the keg holds {keg.SizeMl.Plain()} mL: are its size and its tare right?"
            )
        : null;
}

/// <summary>A reading as the API shows it.</summary>
internal sealed record KegReadingShape(
    DateTimeOffset ReadAt,
    [property: Description("What the keg weighed, in g; null where it was not weighed.")] decimal? GrossG,
    [property: Description("What was left, in mL.")] decimal LeftMl,
    [property: Description("By how much the level was corrected, in mL: below zero where less was left than the beers had said.")]
        decimal CorrectionMl
)
{
    public static KegReadingShape Of(KegReading reading) =>
        new(reading.ReadAt, reading.GrossG?.Plain(), reading.LeftMl.Plain(), reading.CorrectionMl.Plain());
}
