using Microsoft.EntityFrameworkCore;
using Taproom.Store;

namespace Ingest.Api.Http;

/// <summary>Keeps who changed what, when and from where.</summary>
/// <remarks>
/// The entry is written before anything is done, so there is no change without one; how it ended is added after. Only callers that are known
/// leave entries here: else anybody could fill the table. Never bodies, queries or header fields, which have secrets.
/// </remarks>
internal sealed partial class AuditTrail(TaproomDb db, IServiceScopeFactory scopes, TimeProvider time, ILogger<AuditTrail> logger)
{
    /// <summary>Status of an entry whose end nobody has told.</summary>
    public const int NotKnown = 0;

    /// <summary>Most characters of a path or a sentence that are kept.</summary>
    private const int MaxCharacters = 300;

    /// <summary>Marks an endpoint that takes in what taps, meters and tills report, which is no change that somebody has made.</summary>
    public sealed class Unaudited;

    /// <summary>Keeps an entry for each call that may change something. Goes between authentication and authorization, so refusals are kept too.</summary>
    public static async Task KeepAsync(HttpContext context, RequestDelegate next)
    {
        if (
            HttpMethods.IsGet(context.Request.Method)
            || context.GetEndpoint() is not { } endpoint
            || endpoint.Metadata.GetMetadata<Unaudited>() is not null
            || context.User.Name() is not { Length: > 0 } caller
            || context.User.IsInRole(Roles.Tap)
        )
        {
            await next(context);
            return;
        }

        var trail = context.RequestServices.GetRequiredService<AuditTrail>();
        var id = await trail.AddAsync(context, caller, NotKnown, summary: null);
        // Whoever calls need not wait for it.
        context.Response.OnCompleted(() => trail.EndAsync(id, context.Response.StatusCode, context.Features.Get<AuditNote>()?.Summary));
        await next(context);
    }

    /// <summary>Adds an entry.</summary>
    /// <param name="context">The call.</param>
    /// <param name="caller">Who; empty for nobody who is known.</param>
    /// <param name="status">How it ended.</param>
    /// <param name="summary">What changed, without secrets.</param>
    /// <returns>Its number.</returns>
    public async Task<long> AddAsync(HttpContext context, string caller, int status, string? summary)
    {
        var entry = new AuditEntry
        {
            At = time.GetUtcNow(),
            Caller = caller,
            Address = context.Address(),
            Method = context.Request.Method,
            Path = Short(context.Request.Path.Value) ?? "",
            Status = status,
            Summary = Short(summary),
        };
        db.Audit.Add(entry);
        await db.SaveChangesAsync(context.RequestAborted);
        // The endpoint has nothing to do with it.
        db.Entry(entry).State = EntityState.Detached;
        return entry.Id;
    }

    private async Task EndAsync(long id, int status, string? summary)
    {
        try
        {
            // Not with the call's own connection: what was too late for its answer still goes on there.
            await using var scope = scopes.CreateAsyncScope();
            await scope
                .ServiceProvider.GetRequiredService<TaproomDb>()
                .Audit.Where(entry => entry.Id == id)
                .ExecuteUpdateAsync(
                    entry => entry.SetProperty(e => e.Status, status).SetProperty(e => e.Summary, Short(summary)),
                    CancellationToken.None
                );
        }
        catch (Exception ex)
        {
            LogNoEnd(id, ex.Message);
        }
    }

    private static string? Short(string? text)
    {
        var clean = text?.Replace("\0", "", StringComparison.Ordinal);
        return clean is { Length: > MaxCharacters }
            // Half of a surrogate pair is no character.
            ? clean[..(char.IsHighSurrogate(clean[MaxCharacters - 1]) ? MaxCharacters - 1 : MaxCharacters)]
            : clean;
    }

    [LoggerMessage(LogLevel.Warning, "How the call of audit entry {Id} ended could not be kept: {Message}")]
    private partial void LogNoEnd(long id, string message);
}

/// <summary>What an endpoint has to say about a change.</summary>
/// <param name="Summary">A short sentence, without secrets.</param>
internal sealed record AuditNote(string Summary);

/// <summary>Lets endpoints say what changed.</summary>
internal static class AuditNotes
{
    /// <summary>Says what this call has changed, for the audit. Never a secret.</summary>
    public static void Note(this HttpContext context, string summary) => context.Features.Set(new AuditNote(summary));
}
