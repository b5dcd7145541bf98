using System.ComponentModel;
using Ingest.Api.Http;
using Ingest.Api.Venue;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Taproom.Store;

namespace Ingest.Api.Kegs;

/// <summary>Tells what happened to a keg.</summary>
internal sealed class KegStory(TaproomDb db, KegYields yields, KegForecasts forecasts, IOptions<VenueOptions> venue)
{
    private const int Most = 100;

    /// <summary>What a US pint holds.</summary>
    private const decimal PintMl = 473.176473m;

    public async Task<KegDetail> ReadAsync(Keg keg, CancellationToken cancellationToken)
    {
        var tappings = await db
            .Tappings.Where(row => row.KegId == keg.Id)
            .OrderByDescending(row => row.TappedAt)
            .Take(Most)
            .Select(row => new TappingShape(row.TapId, row.TappedAt, row.UntappedAt))
            .ToListAsync(cancellationToken);
        var readings = await db
            .KegReadings.Where(row => row.KegId == keg.Id)
            .OrderByDescending(row => row.Id)
            .Take(Most)
            .ToListAsync(cancellationToken);
        var forecast = await forecasts.ReadAsync(keg, cancellationToken);
        return new KegDetail(KegShape.Of(keg))
        {
            Currency = venue.Value.Currency,
            Forecast = forecast is null
                ? null
                : new ForecastShape(forecast.Minutes, forecast.MinMinutes, forecast.MaxMinutes, decimal.Round(forecast.LeftMl / PintMl, 1)),
            Tappings = tappings,
            Readings = [.. readings.Select(KegReadingShape.Of)],
        };
    }

    /// <summary>Reads what became of what was in it.</summary>
    public async Task<YieldShape> YieldAsync(Keg keg, CancellationToken cancellationToken)
    {
        var found = await yields.ReadAsync(keg, cancellationToken);
        return new YieldShape(
            keg.SizeMl.Plain(),
            found.Pours,
            found.SoldMl.Plain(),
            found.TastersMl.Plain(),
            found.FoamMl.Plain(),
            found.SpiltMl.Plain(),
            found.CleaningMl.Plain(),
            found.CorrectionsMl.Plain(),
            found.LeftMl.Plain(),
            found.UnaccountedMl?.Plain(),
            decimal.Round(100 * found.SoldMl / keg.SizeMl, 2, MidpointRounding.ToEven).Plain()
        );
    }
}

/// <summary>A keg and its history.</summary>
internal sealed record KegDetail : KegShape
{
    public KegDetail(KegShape keg)
        : base(keg) { }

    /// <summary>The venue's money, ISO 4217.</summary>
    public required string Currency { get; init; }

    [Description("When it will be empty if it goes on as in the last hour; null where too little was poured to tell.")]
    public required ForecastShape? Forecast { get; init; }

    [Description("On which taps it was, newest first.")]
    public required IReadOnlyList<TappingShape> Tappings { get; init; }

    [Description("What somebody found to be left, newest first.")]
    public required IReadOnlyList<KegReadingShape> Readings { get; init; }
}

/// <summary>When a keg will be empty.</summary>
internal sealed record ForecastShape(
    [property: Description("In about how many minutes.")] int Minutes,
    [property: Description("Nine times out of ten not before.")] int MinMinutes,
    [property: Description("Nine times out of ten not after; null where the last hour does not tell.")] int? MaxMinutes,
    [property: Description("How many US pints (473 mL) are left.")] decimal Pints
);

/// <summary>A time that a keg was on a tap.</summary>
internal sealed record TappingShape(int TapId, DateTimeOffset TappedAt, DateTimeOffset? UntappedAt);

/// <summary>What became of what was in a keg; mL.</summary>
internal sealed record YieldShape(
    decimal SizeMl,
    long Pours,
    decimal Sold,
    decimal Tasters,
    decimal Foam,
    decimal Spilt,
    decimal Cleaning,
    [property: Description("What its readings added to the level; below zero where beer was missing.")] decimal Corrections,
    [property: Description("The size and the corrections, less all that was poured.")] decimal Left,
    [property: Description(
        "What flowed through the meter while it was on a tap and is in no beer; null where a tap is not calibrated or poured too often to tell."
    )]
        decimal? Unaccounted,
    [property: Description("What was sold, in per cent of the size.")] decimal SoldPercent
);
