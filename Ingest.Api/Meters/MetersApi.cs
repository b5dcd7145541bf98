using System.Text;
using Ingest.Api.Http;
using Ingest.Api.Readings;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ServiceDefaults;
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
                    // As HTTP Basic has it since RFC 7617: a gateway that compares bytes gets those of the password as it was typed.
                    RequestHeaderEncodingSelector = static (_, _) => Encoding.UTF8,
                }
            )
            .RemoveAllLoggers();
        builder.Services.AddSingleton(services => services.GetRequiredService<IDataProtectionProvider>().CreateProtector("meters"));
        builder.Services.AddSingleton<MeterClient>();
        builder.Services.AddSingleton<MeterPoller>();
        builder.Services.AddHostedService(services => services.GetRequiredService<MeterPoller>());
    }

    public static void MapMeters(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/meters").WithTags("Meters");
        group.MapGet("", ListMeters).WithSummary("Lists meters by id.");
        group.MapGet("/{id}", GetMeter).WithSummary("Gets one meter.");

        var writes = group.MapGroup("").RequireAuthorization(Policies.Admin);
        writes.MapPost("", PostMeter).WithSummary("Registers a meter, or changes one and keeps its counters.").Takes(MeterPost.Example);
        writes.MapPost("/import", ImportMeters).WithSummary("Registers or changes the meter of each line.").TakesLines<MeterPost>(MeterPost.Example);
        writes.MapPatch("/{id}", PatchMeter).WithSummary("Changes the members that are given.").Takes("""{"active":false}""");
        writes.MapDelete("/{id}", DeleteMeter).WithSummary("Removes a meter; its readings stay.");
        writes
            .MapPost("/{id}/poll", PollMeter)
            .WithSummary("Polls a meter now.")
            // The meter has a time-out of its own.
            .DisableRequestTimeout()
            .ProducesProblem(502);
    }

    private static async Task<Ok<MeterList>> ListMeters([AsParameters] ListQuery<string> query, TaproomDb db)
    {
        var after = query.AfterOr("");
        var meters = db.Meters.Where(meter => meter.Id.CompareTo(after) > 0).OrderBy(meter => meter.Id);
        var found = await query.ReadAsync(meters, meter => meter.Id);
        return TypedResults.Ok(new MeterList([.. found.Select(MeterShape.Of)]));
    }

    private static async Task<Results<Ok<MeterShape>, ProblemHttpResult>> GetMeter(string id, TaproomDb db, CancellationToken cancellationToken) =>
        await FindAsync(db, id, cancellationToken) is { } meter ? TypedResults.Ok(MeterShape.Of(meter)) : Missing();

    private static async Task<Results<Created<MeterShape>, Ok<MeterShape>>> PostMeter(
        MeterPost post,
        TaproomDb db,
        IDataProtector passwords,
        CancellationToken cancellationToken
    )
    {
        var isNew = await PutAsync(db, post, passwords, cancellationToken);
        var shape = MeterShape.Of((await FindAsync(db, post.Id, cancellationToken))!);
        return isNew ? TypedResults.Created($"/api/meters/{post.Id}", shape) : TypedResults.Ok(shape);
    }

    private static Task<Results<Ok<LineResults>, ProblemHttpResult>> ImportMeters(
        HttpRequest request,
        TaproomDb db,
        IDataProtector passwords,
        CancellationToken cancellationToken
    ) =>
        JsonLines.TakeAsync<MeterPost>(
            request,
            async post => await PutAsync(db, post, passwords, cancellationToken) ? StatusCodes.Status201Created : StatusCodes.Status200OK
        );

    private static async Task<Results<Ok<MeterShape>, ProblemHttpResult>> PatchMeter(
        string id,
        MeterPatch patch,
        TaproomDb db,
        IDataProtector passwords,
        CancellationToken cancellationToken
    )
    {
        if (await FindAsync(db, id, cancellationToken) is not { } meter)
        {
            return Missing();
        }

        if (MeterKinds.WhyNotSent(patch.Kind ?? meter.Kind, patch.User ?? meter.User, patch.Password ?? "") is { } refusal)
        {
            return Problems.Of(refusal);
        }

        var secret = patch.Password is null ? null : passwords.Protect(Encoding.UTF8.GetBytes(patch.Password));
        await db
            .Meters.Where(row => row.Id == id)
            .ExecuteUpdateAsync(
                row =>
                    row.SetProperty(m => m.Kind, m => patch.Kind ?? m.Kind)
                        .SetProperty(m => m.Address, m => patch.Address ?? m.Address)
                        .SetProperty(m => m.User, m => patch.User ?? m.User)
                        .SetProperty(m => m.Secret, m => secret ?? m.Secret)
                        .SetProperty(m => m.Active, m => patch.Active ?? m.Active),
                cancellationToken
            );
        return await GetMeter(id, db, cancellationToken);
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
        db.Meters.SingleOrDefaultAsync(meter => meter.Id == id, cancellationToken);

    private static async Task<bool> PutAsync(TaproomDb db, MeterPost post, IDataProtector passwords, CancellationToken cancellationToken)
    {
        var isNew = await FindAsync(db, post.Id, cancellationToken) is null;
        await db.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO meters (id, kind, address, user_name, secret, active)
            VALUES ({post.Id}, {post.Kind}, {post.Address}, {post.User}, {passwords.Protect(Encoding.UTF8.GetBytes(post.Password))}, {post.Active})
            ON CONFLICT (id) DO UPDATE SET
                kind = excluded.kind, address = excluded.address, user_name = excluded.user_name,
                secret = excluded.secret, active = excluded.active
            """,
            cancellationToken
        );
        return isNew;
    }

    private static ProblemHttpResult Missing() => Problems.NotFound("This meter");
}
