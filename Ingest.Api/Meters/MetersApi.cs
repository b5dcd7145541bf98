using System.Text;
using Ingest.Api.Access;
using Ingest.Api.Answers;
using Ingest.Api.Lists;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using ServiceDefaults;
using Taproom.Reports;
using Taproom.Store;

namespace Ingest.Api.Meters;

/// <summary>The resource <c>/api/meters</c>: devices that are polled. A password goes in and never comes out.</summary>
internal static class MetersApi
{
    private const long MaxAnswerBytes = 64 * 1024;

    /// <summary>Adds the poller and what it needs.</summary>
    public static void AddMeters(this IHostApplicationBuilder builder)
    {
        builder.Services.AddValidated<MeterOptions, MeterOptionsValidator>(MeterOptions.SectionName);
        builder
            .Services.AddHttpClient(MeterClient.ClientName, client => client.MaxResponseContentBufferSize = MaxAnswerBytes)
            .ConfigurePrimaryHttpMessageHandler(() =>
                new SocketsHttpHandler
                {
                    AllowAutoRedirect = false,
                    UseCookies = false,
                    UseProxy = false,
                }
            )
            .RemoveAllLoggers();
        builder.Services.AddSingleton<MeterSecrets>();
        builder.Services.AddSingleton<MeterClient>();
        builder.Services.AddSingleton<MeterPoller>();
        builder.Services.AddHostedService(services => services.GetRequiredService<MeterPoller>());
    }

    /// <summary>Maps the resource.</summary>
    public static RouteGroupBuilder MapMeters(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/meters").WithTags("Meters").ProducesProblem(429).ProducesProblem(503);
        group.MapGet("", ListMeters).WithName("ListMeters").WithSummary("Lists meters by id.").ProducesProblem(400);
        group.MapGet("/{id}", GetMeter).WithName("GetMeter").WithSummary("Gets one meter.").ProducesProblem(404);
        group
            .MapGet("/{id}/readings", ListReadings)
            .WithName("ListMeterReadings")
            .WithSummary("Lists a meter's readings, newest first.")
            .ProducesProblem(400)
            .ProducesProblem(404);

        var writes = group.MapGroup("").RequireAuthorization(Policies.Admin).ProducesProblem(401).ProducesProblem(403);
        writes
            .MapPost("", PostMeter)
            .WithName("PostMeter")
            .WithSummary("Registers a meter, or changes one and keeps its counters.")
            .Takes(typeof(MeterPost), MeterPost.Example)
            .ProducesProblem(400);
        writes
            .MapPost("/import", ImportMeters)
            .WithName("ImportMeters")
            .WithSummary("Registers or changes the meter of each line.")
            .TakesLines(typeof(MeterPost), MeterPost.Example);
        writes
            .MapPatch("/{id}", PatchMeter)
            .WithName("PatchMeter")
            .WithSummary("Changes the members that are given.")
            .Takes(typeof(MeterPatch), """{"active":false}""")
            .ProducesProblem(400)
            .ProducesProblem(404);
        writes.MapDelete("/{id}", DeleteMeter).WithName("DeleteMeter").WithSummary("Removes a meter; its readings stay.").ProducesProblem(404);
        writes
            .MapPost("/{id}/poll", PollMeter)
            .WithName("PollMeter")
            .WithSummary("Polls a meter now.")
            // The meter has a time-out of its own.
            .DisableRequestTimeout()
            .ProducesProblem(404)
            .ProducesProblem(502);
        return group;
    }

    private static async Task<Results<Ok<MeterList>, ProblemHttpResult>> ListMeters(
        [AsParameters] ListQuery query,
        TaproomDb db,
        HttpContext context,
        CancellationToken cancellationToken
    )
    {
        if (!ListPage.TryRead(query.Page, query.PageSize, query.After, out var page, out var refusal))
        {
            return Problems.Of(refusal!);
        }

        var part = new ListPart(page, After: null);
        var after = page.After ?? "";
        var meters = db.Meters.Where(meter => meter.Id.CompareTo(after) > 0).OrderBy(meter => meter.Id);
        var found = await part.Of(meters).ToListAsync(cancellationToken);
        return TypedResults.Ok(new MeterList([.. part.Cut(found, context, meter => meter.Id).Select(MeterShape.Of)]));
    }

    private static async Task<Results<Ok<MeterShape>, ProblemHttpResult>> GetMeter(string id, TaproomDb db, CancellationToken cancellationToken) =>
        await FindAsync(db, id, cancellationToken) is { } meter ? TypedResults.Ok(MeterShape.Of(meter)) : Missing();

    private static async Task<Results<Ok<ReadingList>, ProblemHttpResult>> ListReadings(
        string id,
        [AsParameters] ListQuery query,
        TaproomDb db,
        HttpContext context,
        CancellationToken cancellationToken
    )
    {
        if (!query.TryRead(byTime: false, out var part, out var refusal))
        {
            return Problems.Of(refusal!);
        }

        if (await FindAsync(db, id, cancellationToken) is null)
        {
            return Missing();
        }

        var device = Meter.Device(id);
        var before = part.After?.Seq ?? long.MaxValue;
        var readings = db.Readings.Where(reading => reading.Device == device && reading.Seq < before).OrderByDescending(reading => reading.Seq);
        var found = await part.Of(readings).ToListAsync(cancellationToken);
        return TypedResults.Ok(
            new ReadingList([
                .. part.Cut(found, context, reading => $"{reading.Seq}")
                    .Select(reading => new ReadingShape(reading.Id, reading.ReceivedAt, new RawJson(reading.Body))),
            ])
        );
    }

    private static async Task<Results<Created<MeterShape>, Ok<MeterShape>, ProblemHttpResult>> PostMeter(
        HttpRequest request,
        TaproomDb db,
        MeterSecrets secrets,
        CancellationToken cancellationToken
    )
    {
        if (!StrictJson.TryParseObject(await request.ReadAllAsync(cancellationToken), out var document, out var refusal))
        {
            return Problems.Of(refusal);
        }

        using (document)
        {
            if (!MeterPost.TryRead(document.RootElement, out var post, out refusal))
            {
                return Problems.Of(refusal);
            }

            var isNew = await PutAsync(db, post, secrets, cancellationToken);
            var shape = MeterShape.Of((await FindAsync(db, post.Id, cancellationToken))!);
            return isNew ? TypedResults.Created($"/api/meters/{post.Id}", shape) : TypedResults.Ok(shape);
        }
    }

    private static Task<Results<Ok<LineResults>, ProblemHttpResult>> ImportMeters(
        HttpRequest request,
        TaproomDb db,
        MeterSecrets secrets,
        CancellationToken cancellationToken
    ) =>
        JsonLines.TakeAsync(
            request,
            async json =>
            {
                if (!MeterPost.TryRead(json, out var post, out var refusal))
                {
                    return (refusal.Status, refusal);
                }

                var isNew = await PutAsync(db, post, secrets, cancellationToken);
                return (isNew ? StatusCodes.Status201Created : StatusCodes.Status200OK, null);
            },
            cancellationToken
        );

    private static async Task<Results<Ok<MeterShape>, ProblemHttpResult>> PatchMeter(
        string id,
        HttpRequest request,
        TaproomDb db,
        MeterSecrets secrets,
        CancellationToken cancellationToken
    )
    {
        if (!StrictJson.TryParseObject(await request.ReadAllAsync(cancellationToken), out var document, out var refusal))
        {
            return Problems.Of(refusal);
        }

        using (document)
        {
            if (await FindAsync(db, id, cancellationToken) is not { } meter)
            {
                return Missing();
            }

            if (!MeterPost.TryChange(document.RootElement, meter, out var post, out refusal))
            {
                return Problems.Of(refusal);
            }

            await SaveAsync(db, post, post.Password is null ? meter.Secret : secrets.Protect(post.Password), cancellationToken);
            return TypedResults.Ok(MeterShape.Of((await FindAsync(db, id, cancellationToken))!));
        }
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> DeleteMeter(string id, TaproomDb db, CancellationToken cancellationToken) =>
        await db.Meters.Where(meter => meter.Id == id).ExecuteDeleteAsync(cancellationToken) > 0 ? TypedResults.NoContent() : Missing();

    private static async Task<Results<Ok<ReadingShape>, ProblemHttpResult>> PollMeter(
        string id,
        TaproomDb db,
        MeterPoller poller,
        CancellationToken cancellationToken
    )
    {
        if (await FindAsync(db, id, cancellationToken) is not { } meter)
        {
            return Missing();
        }

        var (entry, error) = await poller.PollAsync(meter, cancellationToken);
        return entry is null
            ? Problems.Of(StatusCodes.Status502BadGateway, error!)
            : TypedResults.Ok(new ReadingShape(entry.Id, entry.ReceivedAt, new RawJson(Encoding.UTF8.GetString(entry.Body))));
    }

    private static Task<Meter?> FindAsync(TaproomDb db, string id, CancellationToken cancellationToken) =>
        id.Contains('\0') ? Task.FromResult<Meter?>(null) : db.Meters.SingleOrDefaultAsync(meter => meter.Id == id, cancellationToken);

    private static async Task<bool> PutAsync(TaproomDb db, MeterPost post, MeterSecrets secrets, CancellationToken cancellationToken)
    {
        var isNew = await FindAsync(db, post.Id, cancellationToken) is null;
        await SaveAsync(db, post, secrets.Protect(post.Password!), cancellationToken);
        return isNew;
    }

    private static Task<int> SaveAsync(TaproomDb db, MeterPost post, byte[] secret, CancellationToken cancellationToken) =>
        db.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO meters (id, kind, address, user_name, secret, active)
            VALUES ({post.Id}, {post.Kind}, {post.Address}, {post.User}, {secret}, {post.Active})
            ON CONFLICT (id) DO UPDATE SET
                kind = excluded.kind, address = excluded.address, user_name = excluded.user_name,
                secret = excluded.secret, active = excluded.active
            """,
            cancellationToken
        );

    private static ProblemHttpResult Missing() => Problems.NotFound("This meter");
}
