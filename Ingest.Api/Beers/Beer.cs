using System.ComponentModel;
using System.Text.Json.Serialization;
using Ingest.Api.Http;
using Taproom.Pours;
using Taproom.Reports;
using Taproom.Store;

namespace Ingest.Api.Beers;

/// <summary>A pour as the API shows it.</summary>
/// <param name="Id">Its UUID.</param>
/// <param name="Type">Glass type: <c>half</c>, <c>pint</c> or <c>stein</c>.</param>
/// <param name="Volume">Volume in mL.</param>
/// <param name="Timestamp">When it was poured, UTC.</param>
/// <param name="TapId">The tap.</param>
/// <param name="ClockSuspect">Whether the tap's clock was not believed, so that the timestamp is when it was received; left out where it was.</param>
internal sealed record Beer(
    Guid Id,
    [property: Description("half, pint or stein")] string Type,
    [property: Description("mL")] decimal Volume,
    DateTimeOffset Timestamp,
    int TapId,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    [property: Description("true where the tap's clock was not believed, so that the timestamp is when it was received; else left out")]
        bool ClockSuspect
)
{
    /// <summary>Shows a stored pour.</summary>
    public static Beer Of(StoredPour pour) => new(pour.Id, pour.Glass.Name(), pour.VolumeMl.Plain(), pour.PouredAt, pour.TapId, pour.ClockSuspect);

    /// <summary>Shows a pour that was accepted.</summary>
    public static Beer Of(Pour pour) => new(pour.Id, pour.Glass.Name(), pour.VolumeMl.Plain(), pour.PouredAt, pour.TapId, pour.ClockSuspect);
}

/// <summary>A single beer, wrapped as clients of the first beer-tap server expect it.</summary>
internal sealed record BeerEnvelope(Beer Beer);

/// <summary>A page of beers.</summary>
internal sealed record BeerList(IReadOnlyList<Beer> Beers);

/// <summary>What is posted; it documents <see cref="PourReport"/>, which does the reading.</summary>
internal sealed record BeerPost(
    [property: Description("The tap, 1 or more.")] int TapId,
    [property: Description("100 to 1000 mL.")] decimal Volume,
    [property: Description("The sender's own UUID of the pour; sending it again changes nothing.")] Guid? Id = null,
    [property: Description("RFC 3339 time with an offset; the time of receipt when absent.")] DateTimeOffset? PouredAt = null
);
