using Ingest.Api.Venue;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Taproom.Store;

namespace Ingest.Api.Stats;

/// <summary>Sets what was poured beside what was sold, in sums that Postgres makes of decimals.</summary>
internal sealed class VarianceRows(TaproomDb db, IOptions<VenueOptions> venue)
{
    /// <summary>Most rows of one answer.</summary>
    public const int Most = 1_000;

    // A sale that names only a tap is one of the beverage that was on it.
    private const string AtTap = """
        WITH tapped AS (
            SELECT DISTINCT ON (s.id) s.id, k.beverage FROM sales AS s
            JOIN tappings AS t ON t.tap_id = s.tap_id AND t.tapped_at <= s.sold_at AND (t.untapped_at IS NULL OR t.untapped_at > s.sold_at)
            JOIN kegs AS k ON k.id = t.keg_id
            WHERE s.beverage IS NULL AND s.sold_at >= {0} AND s.sold_at < {1} ORDER BY s.id, t.tapped_at DESC
        )
        """;

    // One that names only a beverage is one of the tap that had it, where it was one alone.
    private const string ByName = """
        WITH tapped AS (
            SELECT s.id, min(t.tap_id) AS tap_id FROM (SELECT id, sold_at, lower(beverage) AS name FROM sales
                WHERE tap_id IS NULL AND sold_at >= {0} AND sold_at < {1}) AS s
            JOIN kegs AS k ON lower(k.beverage) = s.name
            JOIN tappings AS t ON t.keg_id = k.id AND t.tapped_at <= s.sold_at AND (t.untapped_at IS NULL OR t.untapped_at > s.sold_at)
            GROUP BY s.id HAVING count(DISTINCT t.tap_id) = 1
        )
        """;

    // When each business day begins, from the one before the first to the last.
    private const string Days = """
        WITH days AS (
            SELECT ({0} AT TIME ZONE {2})::date - 1 AS first, array(
                SELECT (day + {3}) AT TIME ZONE {2}
                FROM generate_series(
                    date_trunc('day', {0} AT TIME ZONE {2}) - interval '1 day', {1} AT TIME ZONE {2}, interval '1 day'
                ) AS day ORDER BY day
            ) AS starts
        )
        """;

    /// <summary>Reads the rows, in the order of what they are by; what nobody can tell it of is the last.</summary>
    /// <param name="by">One of <c>beverage</c>, <c>tap</c>, <c>hour</c> and <c>day</c>.</param>
    /// <param name="from">At this time or later.</param>
    /// <param name="to">Before this time.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<List<FlowRow>> ReadAsync(string by, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken)
    {
        // Nothing in it is a caller's text.
        var sql = by switch
        {
            "beverage" => Sums(
                AtTap,
                "lower(k.beverage) AS key, k.beverage AS name",
                "",
                "lower(coalesce(s.beverage, t.beverage)), coalesce(s.beverage, t.beverage) FROM sales AS s LEFT JOIN tapped AS t ON t.id = s.id",
                "min(name)"
            ),
            "tap" => Sums(
                ByName,
                "p.tap_id AS key",
                "",
                "coalesce(s.tap_id, t.tap_id) FROM sales AS s LEFT JOIN tapped AS t ON t.id = s.id",
                "key::text"
            ),
            "hour" => Sums(
                "",
                "date_trunc('hour', p.poured_at, {2}) AS key",
                "",
                "date_trunc('hour', s.sold_at, {2}) FROM sales AS s",
                """to_char(key AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')"""
            ),
            _ => Sums(
                Days,
                "first + width_bucket(p.poured_at, starts) - 1 AS key",
                "CROSS JOIN days",
                "first + width_bucket(s.sold_at, starts) - 1 FROM sales AS s, days",
                "to_char(key, 'YYYY-MM-DD')"
            ),
        };
        return db
            .Database.SqlQueryRaw<FlowRow>(sql, from.ToUniversalTime(), to.ToUniversalTime(), venue.Value.TimeZone, venue.Value.DayEnds)
            .ToListAsync(cancellationToken);
    }

    /// <summary>When a business day begins: when the one before it ends.</summary>
    public async Task<DateTimeOffset> StartAsync(DateOnly day, CancellationToken cancellationToken) =>
        (
            await db
                .Database.SqlQuery<DateTimeOffset>($"""SELECT ({day} + {venue.Value.DayEnds}) AT TIME ZONE {venue.Value.TimeZone} AS "Value" """)
                .ToListAsync(cancellationToken)
        ).Single();

    /// <summary>The query.</summary>
    /// <param name="with">What it needs beforehand.</param>
    /// <param name="ofPour">The key of a pour <c>p</c> of a keg <c>k</c>.</param>
    /// <param name="also">From what else that is read.</param>
    /// <param name="ofSale">The key of a sale <c>s</c>, and from what it is read.</param>
    /// <param name="shown">How the key of a row is shown.</param>
    private static string Sums(string with, string ofPour, string also, string ofSale, string shown) =>
        $$"""
            {{with}}
            SELECT {{shown}} AS "Key", sum(poured) AS "PouredMl", sum(not_sold) AS "NotSoldMl", sum(proposed) AS "ProposedMl", sum(sold) AS "SoldMl", sum(priced) AS "PricedMl", sum(price) AS "Price",
                sum(listed) AS "ListedMl", round(sum(list_price), 9) AS "ListPrice", sum(costed) AS "CostedMl", round(sum(cost), 9) AS "Cost"
            FROM (
                SELECT CASE WHEN p.purpose = 0 THEN p.volume_ml ELSE 0 END AS poured, CASE WHEN p.purpose = 0 THEN 0 ELSE p.volume_ml END AS not_sold,
                    CASE WHEN p.purpose = 0 AND p.proposed_purpose IS NOT NULL THEN p.volume_ml ELSE 0 END AS proposed, 0 AS sold, 0 AS priced, 0 AS price,
                    CASE WHEN b.price_per_litre IS NULL THEN 0 ELSE p.volume_ml END AS listed, coalesce(p.volume_ml * b.price_per_litre / 1000, 0) AS list_price,
                    CASE WHEN k.cost IS NULL THEN 0 ELSE p.volume_ml END AS costed, coalesce(p.volume_ml * k.cost / k.size_ml, 0) AS cost, {{ofPour}}
                FROM pours AS p LEFT JOIN kegs AS k ON k.id = p.keg_id LEFT JOIN beverages AS b ON b.name_key = lower(k.beverage) {{also}}
                WHERE p.deleted_at IS NULL AND p.poured_at >= {0} AND p.poured_at < {1}
                UNION ALL
                SELECT 0, 0, 0, s.volume_ml * s.count, CASE WHEN s.price IS NULL THEN 0 ELSE s.volume_ml * s.count END, coalesce(s.price * s.count, 0),
                    0, 0, 0, 0, {{ofSale}}
                WHERE s.sold_at >= {0} AND s.sold_at < {1}
            ) AS flow
            GROUP BY key ORDER BY key NULLS LAST LIMIT {{Most}}
            """;
}

/// <summary>Sums of what was poured and sold.</summary>
/// <param name="Key">The beverage, the tap, the hour or the day; null where it cannot be told.</param>
/// <param name="PouredMl">Poured to be sold.</param>
/// <param name="NotSoldMl">Poured for anything else.</param>
/// <param name="ProposedMl">How much of what was poured to be sold a rule proposes to have been poured for something else.</param>
/// <param name="SoldMl">Sold.</param>
/// <param name="PricedMl">How much of what was sold has a price.</param>
/// <param name="Price">What that was sold for.</param>
/// <param name="ListedMl">How much of what was poured is of a beverage that has a price.</param>
/// <param name="ListPrice">What that would be sold for.</param>
/// <param name="CostedMl">How much of what was poured came from kegs whose cost is known.</param>
/// <param name="Cost">What that cost.</param>
internal sealed record FlowRow(
    string? Key,
    decimal PouredMl,
    decimal NotSoldMl,
    decimal ProposedMl,
    decimal SoldMl,
    decimal PricedMl,
    decimal Price,
    decimal ListedMl,
    decimal ListPrice,
    decimal CostedMl,
    decimal Cost
);
