using Ingest.Api.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Taproom.Store;

namespace Ingest.Api.Webhooks;

/// <summary>The resource <c>/api/webhooks</c>: who is told by HTTP what was stored. For the admin only, as an address may be as good as a password.</summary>
internal static class WebhooksApi
{
    private const string Private =
        "The member 'url' must not lead to a private, loopback, link-local or multicast address, unless Webhooks:AllowPrivateAddresses is on.";

    public static void MapWebhooks(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/webhooks").WithTags("Webhooks").RequireAuthorization(Policies.Admin);
        group.MapGet("", ListWebhooks).WithSummary("Lists webhooks, oldest first.");
        group.MapGet("/{id:guid}", GetWebhook).WithSummary("Gets one webhook.");
        group.MapGet("/{id:guid}/deliveries", ListWebhookDeliveries).WithSummary("Lists a webhook's newest attempts, newest first.");
        group
            .MapPost("", PostWebhook)
            .WithSummary("Adds a webhook, which is told what is stored from now on.")
            .Takes(WebhookPost.Example)
            .ProducesProblem(409);
        group
            .MapPatch("/{id:guid}", PatchWebhook)
            .WithSummary("Changes the members that are given; what is turned on goes on where it stopped.")
            .Takes("""{"active":true}""");
        group.MapDelete("/{id:guid}", DeleteWebhook).WithSummary("Removes a webhook and its deliveries.");
        group
            .MapPost("/{id:guid}/test", TestWebhook)
            .WithSummary("Sends a message of kind webhook.test once, now.")
            // The receiver has a time-out of its own.
            .DisableRequestTimeout()
            .ProducesProblem(502);
    }

    private static async Task<Ok<WebhookList>> ListWebhooks([AsParameters] ListQuery<Guid> query, TaproomDb db)
    {
        var after = query.AfterOr(default);
        var hooks = db.Webhooks.Where(hook => hook.Id > after).OrderBy(hook => hook.Id);
        var found = await query.ReadAsync(hooks, hook => hook.Id);
        return TypedResults.Ok(new WebhookList([.. found.Select(WebhookShape.Of)]));
    }

    private static async Task<Results<Ok<WebhookShape>, ProblemHttpResult>> GetWebhook(
        Guid id,
        WebhookStore store,
        CancellationToken cancellationToken
    ) => await store.FindAsync(id, cancellationToken) is { } hook ? TypedResults.Ok(WebhookShape.Of(hook)) : Missing();

    private static async Task<Results<Ok<DeliveryList>, ProblemHttpResult>> ListWebhookDeliveries(
        Guid id,
        [AsParameters] ListQuery<long> query,
        TaproomDb db,
        WebhookStore store,
        CancellationToken cancellationToken
    )
    {
        if (await store.FindAsync(id, cancellationToken) is null)
        {
            return Missing();
        }

        var before = query.AfterOr(long.MaxValue);
        var deliveries = db
            .WebhookDeliveries.Where(delivery => delivery.WebhookId == id && delivery.Seq < before)
            .OrderByDescending(delivery => delivery.Seq);
        var found = await query.ReadAsync(deliveries, delivery => delivery.Seq);
        return TypedResults.Ok(new DeliveryList([.. found.Select(DeliveryShape.Of)]));
    }

    private static async Task<Results<Created<WebhookShape>, ProblemHttpResult>> PostWebhook(
        WebhookPost post,
        WebhookRegistry registry,
        WebhookStore store,
        IOptions<WebhookOptions> options,
        CancellationToken cancellationToken
    )
    {
        if (WhyNot(post.Url, options) is { } refusal)
        {
            return refusal;
        }

        var secret = post.Secret ?? WebhookSecrets.Create();
        if (await registry.AddAsync(post, secret, cancellationToken) is not { } id)
        {
            return Problems.Of(StatusCodes.Status409Conflict, $"There are {WebhookRegistry.Max} webhooks, and there may not be more.");
        }

        var shape = WebhookShape.Of((await store.FindAsync(id, cancellationToken))!);
        return TypedResults.Created($"/api/webhooks/{id}", post.Secret is null ? shape with { Secret = secret } : shape);
    }

    private static async Task<Results<Ok<WebhookShape>, ProblemHttpResult>> PatchWebhook(
        Guid id,
        WebhookPatch patch,
        WebhookRegistry registry,
        WebhookStore store,
        IOptions<WebhookOptions> options,
        CancellationToken cancellationToken
    )
    {
        if (await store.FindAsync(id, cancellationToken) is not { } hook)
        {
            return Missing();
        }

        if (patch.Url is { } url && WhyNot(url, options) is { } refusal)
        {
            return refusal;
        }

        await registry.ChangeAsync(hook, patch, cancellationToken);
        return await GetWebhook(id, store, cancellationToken);
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> DeleteWebhook(
        Guid id,
        WebhookRegistry registry,
        CancellationToken cancellationToken
    ) => await registry.DeleteAsync(id, cancellationToken) ? TypedResults.NoContent() : Missing();

    private static async Task<Results<Ok<DeliveryShape>, ProblemHttpResult>> TestWebhook(
        Guid id,
        WebhookStore store,
        WebhookMessages messages,
        WebhookClient client,
        TimeProvider time,
        CancellationToken cancellationToken
    )
    {
        if (await store.FindAsync(id, cancellationToken) is not { } hook)
        {
            return Missing();
        }

        var message = messages.Test(hook, time.GetUtcNow());
        var attempt = await client.SendAsync(hook, message, cancellationToken);
        await store.RecordAsync(hook, message, 1, attempt, cancellationToken);
        return attempt.Error is { } error
            ? Problems.Of(StatusCodes.Status502BadGateway, error)
            : TypedResults.Ok(
                new DeliveryShape(message.Id, message.Kind, 1, attempt.At, (int)attempt.Duration.TotalMilliseconds, attempt.Status, attempt.Error)
            );
    }

    private static ProblemHttpResult? WhyNot(string url, IOptions<WebhookOptions> options) =>
        !options.Value.AllowPrivateAddresses && PublicAddress.IsNamedPrivate(new Uri(url))
            ? Problems.Of(StatusCodes.Status400BadRequest, Private, "url")
            : null;

    private static ProblemHttpResult Missing() => Problems.NotFound("This webhook");
}
