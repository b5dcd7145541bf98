using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Taproom.Signals;
using Taproom.Store;

namespace Consumer.Worker.Alerts;

/// <summary>In opening hours a tap that was connected is not for <see cref="AlertOptions.OfflineFor"/>.</summary>
internal sealed class OfflineTap(TapPresence presence, OfflineSince since, IOptions<AlertOptions> options, TimeProvider time) : IAlertRule
{
    /// <inheritdoc />
    public string Kind => "tap-offline";

    /// <inheritdoc />
    public async Task<IReadOnlyList<Finding>> FindAsync(IReadOnlySet<string> open, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (!options.Value.IsOpen(now))
        {
            since.Clear();
            return [];
        }

        var offline = (await presence.AllAsync()).Where(tap => !tap.Value).Select(tap => tap.Key).ToHashSet();
        foreach (var tap in since.Keys.Where(tap => !offline.Contains(tap)).ToList())
        {
            since.Remove(tap);
        }

        foreach (var tap in offline)
        {
            since.TryAdd(tap, now);
        }

        // What is open was away before this process began to look.
        return
        [
            .. offline
                .Where(tap => open.Contains($"{tap}") || now - since[tap] >= options.Value.OfflineFor)
                .Select(tap => new Finding($"{tap}", $"Tap {tap} is offline.", new() { ["tapId"] = tap })),
        ];
    }
}

/// <summary>Since when taps were seen to be offline.</summary>
internal sealed class OfflineSince : Dictionary<int, DateTimeOffset>;

/// <summary>The beer at a tap has been too cold or too warm for <see cref="AlertOptions.TemperatureFor"/>.</summary>
internal sealed class WarmTap(Readings readings, IOptions<AlertOptions> options) : IAlertRule
{
    /// <inheritdoc />
    public string Kind => "temperature";

    /// <inheritdoc />
    public async Task<IReadOnlyList<Finding>> FindAsync(IReadOnlySet<string> open, CancellationToken cancellationToken)
    {
        var (min, max) = (options.Value.MinTemperatureC, options.Value.MaxTemperatureC);
        var outside = await readings.OutsideAsync("temperature", min, max, options.Value.TemperatureFor, cancellationToken);
        return
        [
            .. outside.Select(tap => new Finding(
                $"{tap.TapId}",
                string.Create(CultureInfo.InvariantCulture, $"Tap {tap.TapId} has {tap.Latest:0.#} °C, and should have {min:0.#} to {max:0.#}."),
                new()
                {
                    ["tapId"] = tap.TapId,
                    ["temperatureC"] = tap.Latest,
                    ["since"] = JsonValue.Create(tap.Since),
                }
            )),
        ];
    }
}

/// <summary>A tap has said for <see cref="AlertOptions.FlowFor"/> that beer flows, and reported no pour of it: a leak, or a meter that is wrong.</summary>
internal sealed class LeakingTap(Readings readings, TaproomDb db, IOptions<AlertOptions> options) : IAlertRule
{
    /// <inheritdoc />
    public string Kind => "flow-without-pour";

    /// <inheritdoc />
    public async Task<IReadOnlyList<Finding>> FindAsync(IReadOnlySet<string> open, CancellationToken cancellationToken)
    {
        var findings = new List<Finding>();
        foreach (var tap in await readings.OutsideAsync("flow", double.NegativeInfinity, 0, options.Value.FlowFor, cancellationToken))
        {
            if (!await db.Taps.AnyAsync(row => row.Id == tap.TapId && row.LastSeen > tap.Since, cancellationToken))
            {
                var message = string.Create(
                    CultureInfo.InvariantCulture,
                    $"Beer flows at tap {tap.TapId} ({tap.Latest:0.##} L/min), and no pour is reported."
                );
                findings.Add(
                    new(
                        $"{tap.TapId}",
                        message,
                        new()
                        {
                            ["tapId"] = tap.TapId,
                            ["flowLpm"] = tap.Latest,
                            ["since"] = JsonValue.Create(tap.Since),
                        }
                    )
                );
            }
        }

        return findings;
    }
}

/// <summary>What taps have read of late.</summary>
internal sealed class Readings(TaproomDb db, TimeProvider time)
{
    /// <summary>Finds the taps whose readings of a sensor have all been outside of a range for a time.</summary>
    /// <param name="sensor"><c>temperature</c> or <c>flow</c>.</param>
    /// <param name="min">The least that is good.</param>
    /// <param name="max">The most that is good.</param>
    /// <param name="span">For how long. A tap that has read nothing within it is no longer known.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<List<Outside>> OutsideAsync(string sensor, double min, double max, TimeSpan span, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var (latest, first) = (now - span, now - (2 * span));
        // Another program may have written digits that are no tap.
        return db
            .Database.QueryReadings<Outside>(
                $"""
                , measured AS (
                    SELECT CASE WHEN device ~ '^[0-9]+$' AND length(device) < 19 THEN device::bigint END AS tap_id, received_at, seq,
                        (CASE {sensor} WHEN 'flow' THEN flow_lpm ELSE temperature_c END)::float8 AS value
                    FROM reading_numbers WHERE received_at > {first}
                ), recent AS (
                    SELECT * FROM measured WHERE value IS NOT NULL AND tap_id <= {int.MaxValue}
                ), good AS (
                    SELECT tap_id, max(received_at) AS at FROM recent WHERE value BETWEEN {min} AND {max} GROUP BY tap_id
                )
                SELECT recent.tap_id::int AS "TapId", min(received_at) AS "Since", (array_agg(value ORDER BY received_at DESC, seq DESC))[1] AS "Latest"
                FROM recent LEFT JOIN good ON good.tap_id = recent.tap_id
                WHERE good.at IS NULL OR received_at > good.at
                GROUP BY recent.tap_id
                HAVING min(received_at) <= {latest} AND max(received_at) > {latest}
                ORDER BY recent.tap_id
                """
            )
            .ToListAsync(cancellationToken);
    }

    /// <summary>A tap whose readings are outside.</summary>
    /// <param name="TapId">The tap.</param>
    /// <param name="Since">When the first of them was received; UTC.</param>
    /// <param name="Latest">The newest.</param>
    internal sealed record Outside(int TapId, DateTimeOffset Since, double Latest);
}
