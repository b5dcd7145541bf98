using Dashboard.Web.Board;
using Microsoft.EntityFrameworkCore;
using Taproom.Store;

namespace Dashboard.Web.Feed;

/// <summary>Reads what changes slowly at the taps: one query for the temperatures of all, one for all kegs.</summary>
internal sealed class TapFactsQuery(TaproomDb db, KegForecasts forecasts)
{
    // A tap may count pulses more often than it measures; this is as far back as its own page looks.
    private const int Readings = 100;

    /// <summary>Reads it.</summary>
    public async Task<TapFacts> ReadAsync(CancellationToken cancellationToken)
    {
        // Lateral, so that the index of each tap gives its newest, and reading ends at the first that has a temperature.
        var newest = await db
            .Database.QueryReadings<Reading>(
                $"""
                SELECT t.id AS "TapId", newest.received_at AS "ReceivedAt", newest.body AS "Body"
                FROM taps AS t
                CROSS JOIN LATERAL (
                    SELECT r.received_at, r.body FROM (
                        SELECT received_at, body, seq, temperature_c FROM reading_numbers WHERE device = t.id::text ORDER BY seq DESC LIMIT {Readings}
                    ) AS r
                    WHERE r.temperature_c IS NOT NULL ORDER BY r.seq DESC LIMIT 1
                ) AS newest
                """
            )
            .ToListAsync(cancellationToken);
        var minutesLeft = (await forecasts.ReadAllAsync(cancellationToken)).ToDictionary(keg => keg.Key, keg => keg.Value.Minutes);
        return new TapFacts(
            newest
                .Select(reading => (reading.TapId, View: TemperatureView.Of(reading.Body, reading.ReceivedAt)))
                .Where(tap => tap.View is not null)
                .ToDictionary(tap => tap.TapId, tap => tap.View!),
            minutesLeft
        );
    }

    private sealed record Reading(int TapId, DateTimeOffset ReceivedAt, string Body);
}
