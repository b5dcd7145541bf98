using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Ingest.Api.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Taproom.Pours;
using Taproom.Reports;
using Taproom.Signals;
using Taproom.Store;

namespace Ingest.Api.Taps;

/// <summary>The resource <c>/api/taps/{id}/calibrations</c>: the pulses that a tap's flow meter gives for a litre, and from when on.</summary>
internal static class CalibrationsApi
{
    private static readonly DateTimeOffset Earliest = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan MaxAhead = TimeSpan.FromHours(24);

    public static void MapCalibrations(this RouteGroupBuilder taps) =>
        taps.MapGet("/{id:int}/calibrations", ListTapCalibrations).WithSummary("Lists the calibrations of a tap, newest first.");

    public static void MapCalibrationWrites(this RouteGroupBuilder taps) =>
        taps.MapPost("/{id:int}/calibrations", PostTapCalibration)
            .WithSummary("Calibrates a tap, by a number or by a pour that was measured; volumes that rest on it are derived again.")
            .Takes("""{"pulsesPerLitre":450,"validFrom":"2026-03-01T20:15:04Z"}""")
            .ProducesProblem(422)
            // However many pours follow; each command has its own time.
            .DisableRequestTimeout();

    private static async Task<Results<Ok<CalibrationList>, ProblemHttpResult>> ListTapCalibrations(
        int id,
        [AsParameters] ListQuery<RowCursor> query,
        TaproomDb db,
        CancellationToken cancellationToken
    )
    {
        if (!await db.Taps.AnyAsync(tap => tap.Id == id, cancellationToken))
        {
            return Missing(id);
        }

        var after = query.AfterOr(RowCursor.Newest);
        var calibrations = db
            .Calibrations.Where(row =>
                row.TapId == id && EF.Functions.LessThan(ValueTuple.Create(row.ValidFrom, row.Id), ValueTuple.Create(after.Time, after.Seq))
            )
            .OrderByDescending(row => row.ValidFrom)
            .ThenByDescending(row => row.Id);
        var found = await query.ReadAsync(calibrations, row => RowCursor.Of(row.ValidFrom, row.Id));
        return TypedResults.Ok(new CalibrationList([.. found.Select(CalibrationShape.Of)]));
    }

    private static async Task<Results<Created<RecalibrationShape>, ProblemHttpResult>> PostTapCalibration(
        int id,
        CalibrationPost post,
        Recalibration recalibration,
        TapChanges changes,
        TaproomDb db,
        TimeProvider time,
        CancellationToken cancellationToken
    )
    {
        if (post.ValidFrom < Earliest || post.ValidFrom - time.GetUtcNow() > MaxAhead)
        {
            return Problems.Of(Refusal.Unprocessable("validFrom", "The member 'validFrom' must be from the year 2000 to 24 hours ahead."));
        }

        var factor = post.PulsesPerLitre ?? 0;
        if (post.PourId is { } pourId)
        {
            var pour = await db.Pours.Where(row => row.Id == pourId && row.TapId == id).SingleOrDefaultAsync(cancellationToken);
            if (pour?.Pulses is not > 0)
            {
                return pour is null
                    ? Problems.Of(StatusCodes.Status404NotFound, $"Tap {id} has no beer {pourId}.", "pourId")
                    : Problems.Of(Refusal.Unprocessable("pourId", $"Beer {pourId} came without pulses."));
            }

            factor = PulsesPerLitre.Of(pour.Pulses.Value, post.MeasuredMl!.Value);
            if (!PulsesPerLitre.IsValid(factor))
            {
                return Problems.Of(
                    Refusal.Unprocessable(
                        "measuredMl",
                        $"{pour.Pulses} pulses for {post.MeasuredMl} mL would be {factor.Plain()} pulses a litre; a meter has {PulsesPerLitre.Min} to {PulsesPerLitre.Max}."
                    )
                );
            }
        }

        if (await recalibration.SetAsync(id, factor, post.ValidFrom, cancellationToken) is not { } done)
        {
            return Missing(id);
        }

        await changes.PublishAsync(id);
        return TypedResults.Created($"/api/taps/{id}/calibrations", RecalibrationShape.Of(done));
    }

    private static ProblemHttpResult Missing(int id) => Problems.NotFound($"Tap {id}");

    /// <summary>A calibration as the API shows it.</summary>
    internal sealed record CalibrationShape(decimal PulsesPerLitre, DateTimeOffset ValidFrom, DateTimeOffset SetAt)
    {
        public static CalibrationShape Of(Calibration row) => new(row.PulsesPerLitre.Plain(), row.ValidFrom, row.SetAt);
    }

    internal sealed record CalibrationList(IReadOnlyList<CalibrationShape> Calibrations);

    /// <summary>A calibration that was set, and what it changed.</summary>
    /// <param name="PulsesPerLitre">Pulses for a litre.</param>
    /// <param name="ValidFrom">From when on.</param>
    /// <param name="SetAt">When it was set.</param>
    /// <param name="Changed">Beers whose volume it changed.</param>
    /// <param name="DifferenceMl">By how many mL in all.</param>
    /// <param name="Kept">Beers that keep their volume, because the new one would fill no glass.</param>
    internal sealed record RecalibrationShape(
        decimal PulsesPerLitre,
        DateTimeOffset ValidFrom,
        DateTimeOffset SetAt,
        [property: Description("Beers whose volume it changed.")] long Changed,
        [property: Description("By how many mL in all.")] decimal DifferenceMl,
        [property: Description("Beers that keep their volume, because the new one would fill no glass.")] long Kept
    )
    {
        public static RecalibrationShape Of(Recalibrated done) =>
            new(
                done.Calibration.PulsesPerLitre.Plain(),
                done.Calibration.ValidFrom,
                done.Calibration.SetAt,
                done.Changed,
                done.DifferenceMl.Plain(),
                done.Kept
            );
    }
}

/// <summary>A calibration as it is posted: a number, or a pour and what was measured of it.</summary>
public sealed record CalibrationPost(
    [property: Description("Pulses for a litre, kept to six decimals; in place of pourId and measuredMl.")]
    [property: Range(
        (double)PulsesPerLitre.Min,
        PulsesPerLitre.Max,
        ErrorMessage = "The member 'pulsesPerLitre' must be a number from 10 to 1000000."
    )]
        decimal? PulsesPerLitre = null,
    [property: Description("A stored beer of the tap that came with pulses.")] Guid? PourId = null,
    [property: Description("What that beer really was, in mL.")]
    [property: Range(1.0, 10_000, ErrorMessage = "The member 'measuredMl' must be a number from 1 to 10000.")]
        decimal? MeasuredMl = null,
    [property: Description("From when on it holds: an RFC 3339 time with an offset. Now, when absent.")] DateTimeOffset? ValidFrom = null
) : IValidatableObject
{
    /// <inheritdoc />
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (PulsesPerLitre is null ? PourId is null || MeasuredMl is null : (PourId ?? (object?)MeasuredMl) is not null)
        {
            yield return new ValidationResult("Either 'pulsesPerLitre' or both 'pourId' and 'measuredMl' must be given.", ["pulsesPerLitre"]);
        }
    }
}
