using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Ingest.Api.Access;
using Ingest.Api.Answers;
using Ingest.Api.Lists;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using ServiceDefaults;
using Taproom.Reports;
using Taproom.Store;

namespace Ingest.Api.Taps;

/// <summary>The resource <c>/api/taps</c>: the registry of taps with their totals, tokens and kegs.</summary>
internal static class TapsApi
{
    private const int MaxName = 200;

    /// <summary>Adds what the resource needs.</summary>
    public static void AddTaps(this IHostApplicationBuilder builder)
    {
        builder.Services.AddScoped<TapRegistry>();
        builder.Services.AddValidated<TokenOptions, TokenOptionsValidator>(TokenOptions.SectionName);
        builder.Services.AddHostedService<TokenUpkeep>();
    }

    /// <summary>Maps the resource.</summary>
    public static RouteGroupBuilder MapTaps(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/taps").WithTags("Taps").ProducesProblem(429).ProducesProblem(503);
        group.MapGet("", ListTaps).WithName("ListTaps").WithSummary("Lists taps by id.").ProducesProblem(400);
        group.MapGet("/{id:int}", GetTap).WithName("GetTap").WithSummary("Gets one tap.").ProducesProblem(404);

        var writes = group.MapGroup("").RequireAuthorization(Policies.Admin).ProducesProblem(400).ProducesProblem(401).ProducesProblem(403);
        writes
            .MapPost("", PostTap)
            .WithName("PostTap")
            .WithSummary("Registers a tap.")
            .Takes(typeof(TapPost), """{"id":7,"name":"Bar left"}""")
            .ProducesProblem(409);
        writes
            .MapPost("/import", ImportTaps)
            .WithName("ImportTaps")
            .WithSummary("Registers the tap of each line; one that is registered gets its name.")
            .TakesLines(typeof(TapPost), """{"id":7,"name":"Bar left"}""");
        writes
            .MapPatch("/{id:int}", PatchTap)
            .WithName("PatchTap")
            .WithSummary("Renames a tap.")
            .Takes(typeof(TapPatch), """{"name":"Bar right"}""")
            .ProducesProblem(404);
        writes
            .MapDelete("/{id:int}", DeleteTap)
            .WithName("DeleteTap")
            .WithSummary("Takes a tap out of the registry; its token ends and its pours stay.")
            .ProducesProblem(404);
        writes.MapTokens();
        writes
            .MapPut("/{id:int}/keg", PutKeg)
            .WithName("PutTapKeg")
            .WithSummary("Puts a keg on a tap, in place of the one before.")
            .Takes(typeof(KegPut), """{"kegId":"0199f5a0-0000-7000-8000-000000000001"}""")
            .ProducesProblem(404)
            .ProducesProblem(409);
        writes.MapDelete("/{id:int}/keg", DeleteKeg).WithName("DeleteTapKeg").WithSummary("Takes the keg off a tap.").ProducesProblem(404);
        return group;
    }

    private static async Task<Results<Ok<TapList>, ProblemHttpResult>> ListTaps(
        [AsParameters] ListQuery query,
        TapRegistry registry,
        HttpContext context,
        CancellationToken cancellationToken
    )
    {
        if (!query.TryRead(byTime: false, out var part, out var refusal))
        {
            return Problems.Of(refusal!);
        }

        var found = await registry.ListAsync(part, cancellationToken);
        return TypedResults.Ok(new TapList([.. part.Cut(found, context, tap => $"{tap.Id}")]));
    }

    private static async Task<Results<Ok<TapShape>, ProblemHttpResult>> GetTap(int id, TapRegistry registry, CancellationToken cancellationToken) =>
        await registry.FindAsync(id, cancellationToken) is { } tap ? TypedResults.Ok(tap) : Missing(id);

    private static async Task<Results<Created<TapShape>, ProblemHttpResult>> PostTap(
        HttpRequest request,
        TapRegistry registry,
        CancellationToken cancellationToken
    )
    {
        if (!StrictJson.TryParseObject(await request.ReadAllAsync(cancellationToken), out var document, out var refusal))
        {
            return Problems.Of(refusal);
        }

        using (document)
        {
            if (!TapPost.TryRead(document.RootElement, out var post, out refusal))
            {
                return Problems.Of(refusal);
            }

            return await registry.RegisterAsync(post.Id, post.Name, cancellationToken)
                ? TypedResults.Created($"/api/taps/{post.Id}", await registry.FindAsync(post.Id, cancellationToken))
                : Problems.Of(StatusCodes.Status409Conflict, $"Tap {post.Id} is registered already.", "id");
        }
    }

    private static Task<Results<Ok<LineResults>, ProblemHttpResult>> ImportTaps(
        HttpRequest request,
        TapRegistry registry,
        CancellationToken cancellationToken
    ) =>
        JsonLines.TakeAsync(
            request,
            async json =>
            {
                if (!TapPost.TryRead(json, out var post, out var refusal))
                {
                    return (refusal.Status, refusal);
                }

                if (await registry.RegisterAsync(post.Id, post.Name, cancellationToken))
                {
                    return (StatusCodes.Status201Created, null);
                }

                await registry.RenameAsync(post.Id, post.Name, cancellationToken);
                return (StatusCodes.Status200OK, null);
            },
            cancellationToken
        );

    private static async Task<Results<Ok<TapShape>, ProblemHttpResult>> PatchTap(
        int id,
        HttpRequest request,
        TapRegistry registry,
        CancellationToken cancellationToken
    )
    {
        if (!StrictJson.TryParseObject(await request.ReadAllAsync(cancellationToken), out var document, out var refusal))
        {
            return Problems.Of(refusal);
        }

        using (document)
        {
            if (!document.RootElement.TryGetText("name", MaxName, out var name, out refusal))
            {
                return Problems.Of(refusal);
            }

            return await registry.RenameAsync(id, name, cancellationToken)
                ? TypedResults.Ok(await registry.FindAsync(id, cancellationToken))
                : Missing(id);
        }
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> DeleteTap(int id, TapRegistry registry, CancellationToken cancellationToken) =>
        await registry.RemoveAsync(id, cancellationToken) ? TypedResults.NoContent() : Missing(id);

    private static async Task<Results<Ok<TapShape>, ProblemHttpResult>> PutKeg(
        int id,
        HttpRequest request,
        TapRegistry registry,
        Tappings tappings,
        CancellationToken cancellationToken
    )
    {
        if (!StrictJson.TryParseObject(await request.ReadAllAsync(cancellationToken), out var document, out var refusal))
        {
            return Problems.Of(refusal);
        }

        using (document)
        {
            if (!document.RootElement.TryGetUuid("kegId", out var kegId, out refusal))
            {
                return Problems.Of(refusal);
            }

            return await tappings.PutAsync(id, kegId, cancellationToken) switch
            {
                KegMove.Done => TypedResults.Ok(await registry.FindAsync(id, cancellationToken)),
                KegMove.NoTap => Missing(id),
                KegMove.NoKeg => Problems.Of(StatusCodes.Status404NotFound, $"Keg {kegId} does not exist.", "kegId"),
                _ => Problems.Of(StatusCodes.Status409Conflict, $"Keg {kegId} is on another tap.", "kegId"),
            };
        }
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> DeleteKeg(int id, Tappings tappings, CancellationToken cancellationToken) =>
        await tappings.TakeOffAsync(id, cancellationToken)
            ? TypedResults.NoContent()
            : Problems.Of(StatusCodes.Status404NotFound, $"There is no keg on tap {id}.");

    private static ProblemHttpResult Missing(int id) => Problems.NotFound($"Tap {id}");

    private sealed record TapPost([property: Description("1 or more.")] int Id, string Name)
    {
        public static bool TryRead(JsonElement json, [NotNullWhen(true)] out TapPost? post, [NotNullWhen(false)] out Refusal? refusal)
        {
            post = null;
            if (!json.TryGetId("id", out var id, out refusal) || !json.TryGetText("name", MaxName, out var name, out refusal))
            {
                return false;
            }

            post = new TapPost(id, name);
            return true;
        }
    }

    private sealed record TapPatch(string Name);

    private sealed record KegPut(Guid KegId);

    /// <summary>A page of taps.</summary>
    private sealed record TapList(IReadOnlyList<TapShape> Taps);
}
