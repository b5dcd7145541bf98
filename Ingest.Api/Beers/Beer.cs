using System.ComponentModel;
using System.Text.Json.Serialization;
using Ingest.Api.Http;
using Taproom.Pours;
using Taproom.Reports;
using Taproom.Store;

namespace Ingest.Api.Beers;

/// <summary>A pour as the API shows it.</summary>
/// <param name="Id">Its UUID.</param>
/// <param name="Timestamp">When it was poured, UTC.</param>
/// <param name="TapId">The tap.</param>
internal sealed record Beer(
    Guid Id,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    [property: Description("half, pint or stein; left out where the volume is")]
        string? Type,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    [property: Description("mL; left out of the answer to a beer that was sent in pulses, until it is stored")]
        decimal? Volume,
    DateTimeOffset Timestamp,
    int TapId,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    [property: Description("true where the tap's clock was not believed, so that the timestamp is when it was received; else left out")]
        bool ClockSuspect,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    [property: Description("Pulses of the flow meter, where the tap sent them.")]
        long? Pulses,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    [property: Description("cleaning, foam, spill or taster; left out for a sale")]
        string? Purpose,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    [property: Description("Why somebody said later what it was for; else left out.")]
        string? Reason = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    [property: Description("The tap that reported it, where it was given to another one later; else left out.")]
        int? ReportedTapId = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    [property: Description("Why it was given to another tap, or back; else left out.")]
        string? MoveReason = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    [property: Description("What a rule proposes that it was for, until somebody accepts or declines that; else left out.")]
        string? ProposedPurpose = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    [property: Description(
        "The rule that made the purpose or proposes one: cleaning-window (the tap was in cleaning mode) or keg-end (a burst of short flows at the end of a keg); else left out."
    )]
        string? Rule = null
)
{
    public static Beer Of(StoredPour pour) =>
        new(
            pour.Id,
            pour.Glass.Name(),
            pour.VolumeMl.Plain(),
            pour.PouredAt,
            pour.TapId,
            pour.ClockSuspect,
            pour.Pulses,
            PurposeOf(pour.Purpose),
            pour.PurposeReason,
            pour.ReportedTapId,
            pour.MoveReason,
            pour.ProposedPurpose?.Name(),
            // Of a proposal that was declined nothing is left to be told.
            pour.Purpose is Taproom.Pours.Purpose.Sale
            && pour.ProposedPurpose is null
                ? null
                : pour.PurposeRule?.Name()
        );

    public static Beer Of(Pour pour) =>
        new(pour.Id, pour.Glass?.Name(), pour.VolumeMl?.Plain(), pour.PouredAt, pour.TapId, pour.ClockSuspect, pour.Pulses, PurposeOf(pour.Purpose));

    private static string? PurposeOf(Purpose purpose) => purpose is Taproom.Pours.Purpose.Sale ? null : purpose.Name();
}

/// <summary>A single beer, wrapped as clients of the first beer-tap server expect it.</summary>
internal sealed record BeerEnvelope(Beer Beer);

internal sealed record BeerList(IReadOnlyList<Beer> Beers);

/// <summary>What is posted; it documents <see cref="PourReport"/>, which does the reading.</summary>
internal sealed record BeerPost(
    [property: Description("The tap, 1 or more.")] int TapId,
    [property: Description("100 to 1000 mL; may be left out where the tap is calibrated and pulses are sent. Of both, the volume counts.")]
        decimal? Volume = null,
    [property: Description("The sender's own UUID of the pour; sending it again changes nothing.")] Guid? Id = null,
    [property: Description("RFC 3339 time with an offset; the time of receipt when absent.")] DateTimeOffset? PouredAt = null,
    [property: Description("Pulses that the flow meter counted; without a volume 1 to 1000000.")] long? Pulses = null,
    [property: Description("All pulses that the flow meter had counted by the end of the pour.")] long? Odometer = null,
    [property: Description("What it was for: sale, cleaning, foam, spill or taster; a sale when absent.")] string? Purpose = null
);
