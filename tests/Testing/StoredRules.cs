using Npgsql;

namespace Testing;

/// <summary>What holds of every row that the product ever stores, said in SQL and not in the product's own words.</summary>
public static class StoredRules
{
    // Each selects the rows that break it.
    private static readonly string[] Rules =
    [
        "SELECT id FROM pours WHERE volume_ml NOT BETWEEN 100 AND 1000",
        "SELECT id FROM pours WHERE glass <> CASE WHEN volume_ml <= 300 THEN 1 WHEN volume_ml <= 800 THEN 2 ELSE 3 END",
        "SELECT id FROM pours WHERE tap_id < 1 OR id = '00000000-0000-0000-0000-000000000000'",
        "SELECT id FROM pours WHERE poured_at <> received_at AND (clock_suspect OR poured_at < '2000-01-01Z' OR poured_at > received_at + interval '24 hours')",
        "SELECT id FROM pours WHERE pulses < 0 OR odometer < 0 OR (volume_derived AND pulses IS NULL) OR purpose NOT BETWEEN 0 AND 4",
        "SELECT id FROM pours WHERE proposed_purpose NOT BETWEEN 1 AND 4 OR (proposed_purpose IS NOT NULL AND (purpose <> 0 OR purpose_rule IS NULL OR purpose_rule = 3))",
        "SELECT tap_id FROM odometer_minutes WHERE date_trunc('minute', first_at) <> minute OR date_trunc('minute', last_at) <> minute OR (last_at, last_pulses) < (first_at, first_pulses)",
        "SELECT id FROM readings WHERE device = '' OR json_typeof(body::json) <> 'object'",
        "SELECT id FROM messages WHERE json_typeof(payload::json) IS NULL",
        "SELECT id FROM events WHERE component = '' OR environment = '' OR message = '' OR json_typeof(data::json) IS NULL",
        "SELECT id FROM kegs WHERE size_ml <= 0 OR tare_g < 0 OR cost < 0 OR (tap_id IS NOT NULL AND emptied_at IS NOT NULL)",
        """
            SELECT k.id FROM kegs k
            LEFT JOIN (SELECT keg_id, sum(volume_ml) AS ml FROM pours WHERE deleted_at IS NULL GROUP BY 1) p ON p.keg_id = k.id
            LEFT JOIN (SELECT keg_id, sum(correction_ml) AS ml FROM keg_readings GROUP BY 1) r ON r.keg_id = k.id
            WHERE k.level_ml <> k.size_ml - coalesce(p.ml, 0) + coalesce(r.ml, 0) OR k.correction_ml <> coalesce(r.ml, 0)
            """,
        "SELECT id FROM beverages WHERE name = '' OR abv_percent NOT BETWEEN 0 AND 100 OR ibu < 0 OR color_ebc < 0 OR price_per_litre < 0",
        "SELECT id FROM sales WHERE volume_ml NOT BETWEEN 10 AND 100000 OR count < 1 OR price < 0 OR sold_at < '2000-01-01Z' OR (tap_id IS NULL AND beverage IS NULL)",
        """
            SELECT t.id FROM taps t LEFT JOIN (SELECT tap_id, count(*) AS n, sum(volume_ml) AS ml FROM pours WHERE deleted_at IS NULL GROUP BY 1) p
            ON p.tap_id = t.id WHERE t.pours <> coalesce(p.n, 0) OR t.volume_ml <> coalesce(p.ml, 0)
            """,
        """
            SELECT tap_id FROM (SELECT tap_id, glass, pours, volume_ml FROM glass_totals WHERE pours <> 0) t
            FULL JOIN (SELECT tap_id, glass, count(*) AS n, sum(volume_ml) AS ml FROM pours WHERE deleted_at IS NULL GROUP BY 1, 2) p
            USING (tap_id, glass) WHERE (t.pours, t.volume_ml) IS DISTINCT FROM (p.n, p.ml)
            """,
        """
            SELECT tap_id FROM (SELECT tap_id, hour, pours, volume_ml FROM hour_totals WHERE pours <> 0) t
            FULL JOIN (SELECT tap_id, date_trunc('hour', poured_at, 'UTC') AS hour, count(*) AS n, sum(volume_ml) AS ml FROM pours WHERE deleted_at IS NULL GROUP BY 1, 2) p
            USING (tap_id, hour) WHERE (t.pours, t.volume_ml) IS DISTINCT FROM (p.n, p.ml)
            """,
    ];

    /// <summary>The rules that a database breaks, each with the rows; empty when it keeps all.</summary>
    /// <param name="connectionString">Of the database.</param>
    public static async Task<IReadOnlyList<string>> BrokenAsync(string connectionString)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        var broken = new List<string>();
        foreach (var rule in Rules)
        {
            await using var query = new NpgsqlCommand(
                $"SELECT string_agg(id, ', ') FROM (SELECT x::text AS id FROM ({rule}) x LIMIT 10) y",
                connection
            );
            if (await query.ExecuteScalarAsync() is string rows)
            {
                broken.Add($"{rule}: {rows}");
            }
        }

        return broken;
    }
}
