using Ingest.Api.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Taproom.Store;

namespace Ingest.Api.Readings;

/// <summary>What the sensors of taps and meters have read: <c>/api/taps/{id}/readings</c> and <c>/api/meters/{id}/readings</c>.</summary>
internal static class ReadingsApi
{
    public static void MapReadings(this IEndpointRouteBuilder routes)
    {
        routes
            .MapGet("/api/taps/{id:int}/readings", ListTapReadings)
            .WithTags("Taps")
            .WithSummary("Lists the readings of a tap, newest first: temperature, pressure, flow, as the tap sent them.");
        routes.MapGet("/api/meters/{id}/readings", ListMeterReadings).WithTags("Meters").WithSummary("Lists a meter's readings, newest first.");
    }

    private static async Task<Results<Ok<ReadingList>, ProblemHttpResult>> ListTapReadings(
        int id,
        [AsParameters] ListQuery<long> query,
        [AsParameters] TimeRange time,
        TaproomDb db,
        CancellationToken cancellationToken
    ) =>
        await db.Taps.AnyAsync(tap => tap.Id == id, cancellationToken)
            ? await ListAsync(query, time.Of(db.Readings, reading => reading.ReceivedAt), $"{id}")
            : Problems.NotFound($"Tap {id}");

    private static async Task<Results<Ok<ReadingList>, ProblemHttpResult>> ListMeterReadings(
        string id,
        [AsParameters] ListQuery<long> query,
        TaproomDb db,
        CancellationToken cancellationToken
    ) =>
        await db.Meters.AnyAsync(meter => meter.Id == id, cancellationToken)
            ? await ListAsync(query, db.Readings, Meter.Device(id))
            : Problems.NotFound("This meter");

    private static async Task<Ok<ReadingList>> ListAsync(ListQuery<long> query, IQueryable<StoredReading> readings, string device)
    {
        var before = query.AfterOr(long.MaxValue);
        var found = await query.ReadAsync(
            readings.Where(reading => reading.Device == device && reading.Seq < before).OrderByDescending(reading => reading.Seq),
            reading => reading.Seq,
            reading => reading.Body.Length
        );
        return TypedResults.Ok(
            new ReadingList([.. found.Select(reading => new ReadingShape(reading.Id, reading.ReceivedAt, new RawJson(reading.Body)))])
        );
    }
}

/// <summary>A reading as the API shows it.</summary>
internal sealed record ReadingShape(Guid Id, DateTimeOffset ReceivedAt, RawJson Reading);

internal sealed record ReadingList(IReadOnlyList<ReadingShape> Readings);
