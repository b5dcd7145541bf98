using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Ingest.Api.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using ServiceDefaults;

namespace Ingest.Api.Taps;

/// <summary>The resource <c>/api/taps</c>: the registry of taps with their totals, tokens and kegs.</summary>
internal static class TapsApi
{
    public static void AddTaps(this IHostApplicationBuilder builder)
    {
        builder.Services.AddScoped<TapRegistry>();
        builder.Services.AddValidated<TokenOptions, TokenOptionsValidator>(TokenOptions.SectionName);
        builder.Services.AddHostedService<TokenUpkeep>();
    }

    public static void MapTaps(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/taps").WithTags("Taps");
        group.MapGet("", ListTaps).WithSummary("Lists taps by id.");
        group.MapGet("/{id:int}", GetTap).WithSummary("Gets one tap.");
        group.MapCalibrations();
        group.MapConnections();
        group.MapCleaning();

        var writes = group.MapGroup("").RequireAuthorization(Policies.Admin);
        writes.MapPost("", PostTap).WithSummary("Registers a tap.").Takes("""{"id":7,"name":"Bar left"}""").ProducesProblem(409);
        writes
            .MapPost("/import", ImportTaps)
            .WithSummary("Registers the tap of each line; one that is registered gets its name.")
            .TakesLines<TapPost>("""{"id":7,"name":"Bar left"}""");
        writes.MapPatch("/{id:int}", PatchTap).WithSummary("Renames a tap.").Takes("""{"name":"Bar right"}""");
        writes.MapDelete("/{id:int}", DeleteTap).WithSummary("Takes a tap out of the registry; its token ends and its pours stay.");
        writes.MapTokens();

        var staff = group.MapGroup("").RequireAuthorization(Policies.Staff);
        staff.MapCommands();
        staff.MapCalibrationWrites();
        staff.MapCleaningWrites();
        staff.MapTapKeg();
    }

    private static async Task<Ok<TapList>> ListTaps([AsParameters] ListQuery<int> query, TapRegistry registry)
    {
        var found = await query.ReadAsync(registry.After(query.AfterOr(0)), row => row.Tap.Id);
        return TypedResults.Ok(new TapList(await registry.ShowAsync(found)));
    }

    private static async Task<Results<Ok<TapShape>, ProblemHttpResult>> GetTap(
        int id,
        TapRegistry registry,
        HttpContext context,
        CancellationToken cancellationToken
    )
    {
        if (await registry.FindAsync(id, cancellationToken) is not { } tap)
        {
            return Missing(id);
        }

        Editions.Show(context, tap.Keg?.Id);
        return TypedResults.Ok(tap);
    }

    private static async Task<Results<Created<TapShape>, ProblemHttpResult>> PostTap(
        TapPost post,
        TapRegistry registry,
        CancellationToken cancellationToken
    ) =>
        await registry.RegisterAsync(post.Id, post.Name, cancellationToken)
            ? TypedResults.Created($"/api/taps/{post.Id}", await registry.FindAsync(post.Id, cancellationToken))
            : Problems.Of(StatusCodes.Status409Conflict, $"Tap {post.Id} is registered already.", "id");

    private static Task<Results<Ok<LineResults>, ProblemHttpResult>> ImportTaps(
        HttpRequest request,
        TapRegistry registry,
        CancellationToken cancellationToken
    ) =>
        JsonLines.TakeAsync<TapPost>(
            request,
            async post =>
            {
                if (await registry.RegisterAsync(post.Id, post.Name, cancellationToken))
                {
                    return StatusCodes.Status201Created;
                }

                await registry.RenameAsync(post.Id, post.Name, cancellationToken);
                return StatusCodes.Status200OK;
            }
        );

    private static async Task<Results<Ok<TapShape>, ProblemHttpResult>> PatchTap(
        int id,
        TapPatch patch,
        TapRegistry registry,
        CancellationToken cancellationToken
    ) =>
        await registry.RenameAsync(id, patch.Name, cancellationToken)
            ? TypedResults.Ok(await registry.FindAsync(id, cancellationToken))
            : Missing(id);

    private static async Task<Results<NoContent, ProblemHttpResult>> DeleteTap(int id, TapRegistry registry, CancellationToken cancellationToken) =>
        await registry.RemoveAsync(id, cancellationToken) ? TypedResults.NoContent() : Missing(id);

    private static ProblemHttpResult Missing(int id) => Problems.NotFound($"Tap {id}");

    internal sealed record TapList(IReadOnlyList<TapShape> Taps);
}

/// <summary>A tap as it is posted.</summary>
/// <param name="Id">1 or more.</param>
/// <param name="Name">Its name.</param>
public sealed record TapPost(
    [property: Description("1 or more."), Range(1, int.MaxValue, ErrorMessage = "The member 'id' must be a whole number, 1 or more.")] int Id,
    [property: Text(200)] string Name
);

/// <summary>A change of a tap.</summary>
/// <param name="Name">Its new name.</param>
public sealed record TapPatch([property: Text(200)] string Name);
