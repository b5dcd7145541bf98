using System.ComponentModel;
using Ingest.Api.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using Taproom.Store;

namespace Ingest.Api.Taps;

/// <summary>What the sensors of a tap have read: <c>/api/taps/{id}/readings</c>.</summary>
internal static class ReadingsApi
{
    /// <summary>Maps the list below the taps.</summary>
    public static void MapReadings(this RouteGroupBuilder taps) =>
        taps.MapGet("/{id:int}/readings", ListTapReadings)
            .WithSummary("Lists the readings of a tap, newest first: temperature, pressure, flow, as the tap sent them.");

    private static async Task<Results<Ok<ReadingList>, ProblemHttpResult>> ListTapReadings(
        int id,
        [AsParameters] ListQuery<long> query,
        [FromQuery, Description("Received at this RFC 3339 time or later; of a date alone, its first instant in UTC.")] TimeParameter? from,
        [FromQuery, Description("Received before this RFC 3339 time; of a date alone, its first instant in UTC.")] TimeParameter? to,
        TaproomDb db,
        CancellationToken cancellationToken
    )
    {
        if (!await db.Taps.AnyAsync(tap => tap.Id == id, cancellationToken))
        {
            return Problems.NotFound($"Tap {id}");
        }

        var (device, before) = ($"{id}", query.AfterOr(long.MaxValue));
        var readings = db.Readings.Where(reading => reading.Device == device && reading.Seq < before);
        if (from is { Value: var start })
        {
            readings = readings.Where(reading => reading.ReceivedAt >= start);
        }

        if (to is { Value: var end })
        {
            readings = readings.Where(reading => reading.ReceivedAt < end);
        }

        var found = await query.ReadAsync(
            readings.OrderByDescending(reading => reading.Seq),
            reading => reading.Seq,
            reading => reading.Body.Length
        );
        return TypedResults.Ok(
            new ReadingList([.. found.Select(reading => new ReadingShape(reading.Id, reading.ReceivedAt, new RawJson(reading.Body)))])
        );
    }

    /// <summary>A reading as the API shows it.</summary>
    internal sealed record ReadingShape(Guid Id, DateTimeOffset ReceivedAt, RawJson Reading);

    /// <summary>A page of readings.</summary>
    internal sealed record ReadingList(IReadOnlyList<ReadingShape> Readings);
}
