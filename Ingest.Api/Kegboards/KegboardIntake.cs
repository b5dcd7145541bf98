using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using Ingest.Api.Beers;
using Ingest.Api.Http;
using Taproom.Ingest;
using Taproom.Reports;
using Taproom.Store;

namespace Ingest.Api.Kegboards;

/// <summary>Takes in what a Kegboard has sent: pours as those of its meters' taps, temperatures and counts as readings of these taps.</summary>
/// <remarks>
/// Whatever it sends again has the id that it had, so it counts once. What cannot be taken is set aside, as the controller throws away
/// what it has an answer to.
/// </remarks>
internal sealed class KegboardIntake(BeerIntake beers, IngestStream stream, TimeProvider time)
{
    private const string Source = "Ingest.Api";

    private static readonly JsonSerializerOptions WithoutNulls = new() { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    // An age beyond this is none; the time of receipt stands in.
    private static readonly TimeSpan MaxAge = TimeSpan.FromDays(366);

    /// <summary>Takes in all events of a batch; when this returns, Redis has them.</summary>
    public async Task TakeAsync(Kegboard board, KegboardBatch batch, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var (pours, readings) = (new List<PourItem>(), new List<IngestEntry>());
        foreach (var item in batch.Events)
        {
            var fault = item.Type switch
            {
                "pour" => AddPour(board, item, now, pours),
                "temperature" => AddTemperature(board, batch, item, readings),
                "status" => AddCounts(board, batch, item, readings),
                // What is still flowing, who may pour, and whatever there will be.
                _ => null,
            };
            if (fault is not null)
            {
                await SetAsideAsync(board, batch, item, fault, cancellationToken);
            }
        }

        if (pours.Count > 0)
        {
            var results = await beers.TakeAsync(pours, cancellationToken);
            foreach (var (pour, result) in pours.Zip(results).Where(taken => taken.Second.Beer is null))
            {
                await SetAsideAsync(
                    EntryOf(EntryKinds.Pour, pour.Report!.Id!.Value, pour.Report.TapId!.Value, pour.Json),
                    result.Detail!,
                    cancellationToken
                );
            }
        }

        if (readings.Count > 0)
        {
            await stream.AppendOnceAsync(readings, cancellationToken);
        }
    }

    private static string? AddPour(Kegboard board, KegboardEvent item, DateTimeOffset now, List<PourItem> pours)
    {
        if (KegboardBatch.Read<KegboardPour>(item.Data) is not { PourId.Length: > 0 } pour)
        {
            return "A pour of a Kegboard must have 'meter', 'pour_id', 'volume_ml' and 'duration_ms'.";
        }

        if (TapOf(board, pour.Meter) is not { } tapId)
        {
            return NoTap(board, pour.Meter);
        }

        var isAge = item.AgeMs >= 0 && item.AgeMs < MaxAge.TotalMilliseconds;
        var json = Json(
            new
            {
                id = IdOf(pour),
                tapId,
                volume = pour.VolumeMl,
                pouredAt = isAge ? now - TimeSpan.FromMilliseconds(item.AgeMs) : (DateTimeOffset?)null,
                pulses = pour.Ticks is >= 0 ? pour.Ticks : null,
            }
        );
        if (!PourReport.TryParse(json, out var report, out var refusal))
        {
            return refusal.Reason;
        }

        pours.Add(new PourItem(report, null, json));
        return null;
    }

    private string? AddTemperature(Kegboard board, KegboardBatch batch, KegboardEvent item, List<IngestEntry> readings)
    {
        if (KegboardBatch.Read<KegboardTemperature>(item.Data) is not { } temperature)
        {
            return "A temperature of a Kegboard must have 'sensor' and 'temp_c'.";
        }

        // A controller sits in the cooler that all its kegs are in.
        var json = Json(new { temperatureC = temperature.TempC });
        if (Check(json) is { } fault)
        {
            return fault;
        }

        readings.AddRange(board.Taps.Distinct().Select(tapId => ReadingOf(batch, item, tapId, json)));
        return null;
    }

    private string? AddCounts(Kegboard board, KegboardBatch batch, KegboardEvent item, List<IngestEntry> readings)
    {
        if (KegboardBatch.Read<KegboardStatus>(item.Data) is not { } status)
        {
            return "A status of a Kegboard must have 'fw_version' and 'events_dropped'.";
        }

        foreach (var meter in (status.Meters ?? []).OfType<KegboardMeter>())
        {
            if (TapOf(board, meter.Meter) is { } tapId)
            {
                var json = Json(new { odometer = meter.TotalTicks });
                if (Check(json) is { } fault)
                {
                    return fault;
                }

                readings.Add(ReadingOf(batch, item, tapId, json));
            }
        }

        return null;
    }

    // A UUID stands as it is; whatever else the protocol may come to use gets one of its own.
    private static Guid IdOf(KegboardPour pour) =>
        Guid.TryParseExact(pour.PourId, "D", out var id) && id != Guid.Empty ? id : NamedIds.Of($"taproom-kegboard-pour\n{pour.PourId}");

    private static int? TapOf(Kegboard board, int meter) => meter >= 0 && meter < board.Taps.Length ? board.Taps[meter] : null;

    private static string NoTap(Kegboard board, int meter) => $"Meter {meter} of the Kegboard '{board.Device}' has no tap.";

    private static string? Check(ReadOnlyMemory<byte> reading)
    {
        using var document = JsonDocument.Parse(reading);
        return TapReading.TryRead(document.RootElement, out _, out var refusal) ? null : refusal.Reason;
    }

    private static byte[] Json<T>(T members) => JsonSerializer.SerializeToUtf8Bytes(members, WithoutNulls);

    private IngestEntry ReadingOf(KegboardBatch batch, KegboardEvent item, int tapId, ReadOnlyMemory<byte> json) =>
        EntryOf(EntryKinds.Reading, NamedIds.Of($"{NameOf(batch, item)}\n{tapId}"), tapId, json);

    private IngestEntry EntryOf(string kind, Guid id, int? tapId, ReadOnlyMemory<byte> body) =>
        time.NewEntry(kind, body) with
        {
            Id = id,
            Tap = tapId?.ToString(CultureInfo.InvariantCulture) ?? "",
        };

    private Task SetAsideAsync(Kegboard board, KegboardBatch batch, KegboardEvent item, string fault, CancellationToken cancellationToken)
    {
        var kind = item.Type == "pour" ? EntryKinds.Pour : EntryKinds.Reading;
        var tapId = KegboardBatch.Read<KegboardPour>(item.Data) is { } pour ? TapOf(board, pour.Meter) : null;
        // As it was sent: half a surrogate pair in it could not be written.
        var body = JsonMarshal.GetRawUtf8Value(item.Data).ToArray();
        return SetAsideAsync(EntryOf(kind, NamedIds.Of(NameOf(batch, item)), tapId, body), fault, cancellationToken);
    }

    // Its body is in the protocol's words, so it can never go the way of a pour as it is.
    private Task SetAsideAsync(IngestEntry entry, string fault, CancellationToken cancellationToken) =>
        stream.SetAsideAsync(entry, fault, Source, cancellationToken, isFinal: true);

    private static string NameOf(KegboardBatch batch, KegboardEvent item) => $"taproom-kegboard\n{batch.Device}\n{batch.BootId}\n{item.Id}";
}
