using System.Globalization;
using System.Text;
using System.Text.Json;
using Taproom.Ingest;
using Taproom.Reports;
using Taproom.Store;

namespace Consumer.Worker.Writers;

/// <summary>Stores readings of taps and meters, and counts those of meters.</summary>
internal sealed class ReadingWriter(EntryStore store) : KindWriter<ReadingWriter.Item>(EntryKinds.Reading)
{
    private const string Sql = """
        WITH stored AS (
            INSERT INTO readings (id, device, received_at, body)
            SELECT id, device, received_at, body FROM unnest($1, $2, $3, $4) WITH ORDINALITY AS r (id, device, received_at, body, n)
            ORDER BY n
            ON CONFLICT (id) DO NOTHING
            RETURNING id, device, received_at
        ), counted AS (
            UPDATE meters AS m SET
                total_events_logged = m.total_events_logged + s.readings,
                first_timestamp = least(m.first_timestamp, s.first),
                last_timestamp = greatest(m.last_timestamp, s.last),
                last_error = NULL
            FROM (
                SELECT device, count(*) AS readings, min(received_at) AS first, max(received_at) AS last
                FROM stored GROUP BY device ORDER BY device
            ) AS s
            WHERE 'meter:' || m.id = s.device
        ), odometers AS (
            INSERT INTO odometer_minutes AS m (
                tap_id, minute, first_at, first_received_at, first_pulses, last_at, last_received_at, last_pulses
            )
            SELECT * FROM unnest($5, $6, $7, $8, $9, $10, $11, $12)
            ON CONFLICT (tap_id, minute) DO UPDATE SET
                (first_at, first_pulses, first_received_at) = (
                    SELECT * FROM (VALUES
                        (m.first_at, m.first_pulses, m.first_received_at),
                        (excluded.first_at, excluded.first_pulses, excluded.first_received_at)
                    ) AS r (at, pulses, received) ORDER BY at, pulses, received LIMIT 1
                ),
                (last_at, last_pulses, last_received_at) = (
                    SELECT * FROM (VALUES
                        (m.last_at, m.last_pulses, m.last_received_at),
                        (excluded.last_at, excluded.last_pulses, excluded.last_received_at)
                    ) AS r (at, pulses, received) ORDER BY at DESC, pulses DESC, received DESC LIMIT 1
                )
        )
        SELECT id FROM stored
        """;

    /// <inheritdoc />
    protected override (Item? Item, string? Reason) Read(IngestEntry entry)
    {
        if (entry.Tap.Length == 0)
        {
            return (null, "A reading without a device.");
        }

        // Meters have readings of any shape.
        return !int.TryParse(entry.Tap, NumberStyles.None, CultureInfo.InvariantCulture, out var tapId)
            ? StrictJson.IsValidObject(entry.Body, out var refusal)
                ? (new Item(entry), null)
                : (null, refusal.Reason)
            : !StrictJson.TryParseObject(entry.Body, out var json, out refusal)
                ? (null, refusal.Reason)
                : TapReading.IsReadable(json.RootElement)
                    ? (new Item(entry, OdometerOf(json, tapId, entry.ReceivedAt)), null)
                    : (null, TapReading.NotReadable.Reason);
    }

    /// <inheritdoc />
    protected override async Task<IReadOnlyList<Outcome>> StoreAsync(IReadOnlyList<Item> items, CancellationToken cancellationToken)
    {
        Guid[] ids = [.. items.Select(item => item.Entry.Id)];
        object[] columns =
        [
            ids,
            items.Select(item => item.Entry.Tap).ToArray(),
            items.Select(item => item.Entry.ReceivedAt).ToArray(),
            items.Select(item => Encoding.UTF8.GetString(item.Entry.Body)).ToArray(),
            .. ColumnsOf(OdometerReading.ByMinute(items.Select(item => item.Odometer).OfType<OdometerReading>())),
        ];
        return Outcome.Of(ids, await store.ExecuteAsync(Sql, columns, cancellationToken));
    }

    private static OdometerReading? OdometerOf(JsonDocument json, int tapId, DateTimeOffset receivedAt)
    {
        using (json)
        {
            return TapReading.TryRead(json.RootElement, out var reading, out _) && reading.Odometer is { } pulses
                ? new OdometerReading(tapId, reading.At(receivedAt), pulses, receivedAt)
                : null;
        }
    }

    private static object[] ColumnsOf(IReadOnlyList<(OdometerReading First, OdometerReading Last)> minutes) =>
        [
            minutes.Select(minute => minute.First.TapId).ToArray(),
            minutes.Select(minute => minute.First.Minute).ToArray(),
            minutes.Select(minute => minute.First.At).ToArray(),
            minutes.Select(minute => minute.First.ReceivedAt).ToArray(),
            minutes.Select(minute => minute.First.Pulses).ToArray(),
            minutes.Select(minute => minute.Last.At).ToArray(),
            minutes.Select(minute => minute.Last.ReceivedAt).ToArray(),
            minutes.Select(minute => minute.Last.Pulses).ToArray(),
        ];

    internal sealed record Item(IngestEntry Entry, OdometerReading? Odometer = null);
}
