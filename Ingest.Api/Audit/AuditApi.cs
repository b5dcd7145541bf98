using System.ComponentModel;
using Ingest.Api.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using ServiceDefaults;
using Taproom.Store;

namespace Ingest.Api.Audit;

/// <summary>The resource <c>/api/audit</c>: who changed what, when and from where. <see cref="AuditTrail"/> writes it.</summary>
internal static class AuditApi
{
    public static void AddAudit(this IHostApplicationBuilder builder)
    {
        builder.Services.AddValidated<AuditOptions, AuditOptionsValidator>(AuditOptions.SectionName);
        builder.Services.AddSingleton<AuditUpkeep>();
        builder.Services.AddHostedService(services => services.GetRequiredService<AuditUpkeep>());
    }

    public static void MapAudit(this IEndpointRouteBuilder routes) =>
        routes
            .MapGet("/api/audit", ListAudit)
            .WithTags("Users")
            .RequireAuthorization(Policies.Admin)
            .WithSummary("Lists who changed what, newest first; failed sign-ins too.");

    private static async Task<Ok<AuditList>> ListAudit(
        [FromQuery, Description("Exactly this caller, in any case: a user's name, or 'admin key'.")] string? user,
        [AsParameters] TimeRange time,
        [AsParameters] ListQuery<RowCursor> page,
        TaproomDb db
    )
    {
        var after = page.AfterOr(RowCursor.Newest);
        var all = user is null ? db.Audit : db.Audit.Where(entry => EF.Functions.ILike(entry.Caller, Literal(user), "\\"));
        var entries = time.Of(all, entry => entry.At)
            .Where(entry => EF.Functions.LessThan(ValueTuple.Create(entry.At, entry.Id), ValueTuple.Create(after.Time, after.Seq)))
            .OrderByDescending(entry => entry.At)
            .ThenByDescending(entry => entry.Id);
        var found = await page.ReadAsync(entries, entry => RowCursor.Of(entry.At, entry.Id));
        return TypedResults.Ok(new AuditList([.. found.Select(AuditShape.Of)]));
    }

    // As a pattern, which means only itself.
    private static string Literal(string text) =>
        text.Replace("\\", "\\\\", StringComparison.Ordinal)
            .Replace("%", "\\%", StringComparison.Ordinal)
            .Replace("_", "\\_", StringComparison.Ordinal);

    internal sealed record AuditList(IReadOnlyList<AuditShape> Entries);

    /// <summary>An entry as the API shows it.</summary>
    internal sealed record AuditShape(
        long Id,
        DateTimeOffset At,
        [property: Description("Who: the name of a user or 'admin key'; empty for nobody who is known.")] string Caller,
        [property: Description("From which address.")] string Address,
        string Method,
        string Path,
        [property: Description("The HTTP status of the answer; null when it is not known how the call ended.")] int? Status,
        [property: Description("What changed, in a sentence; null where the call says it all.")] string? Summary
    )
    {
        public static AuditShape Of(AuditEntry entry) =>
            new(
                entry.Id,
                entry.At,
                entry.Caller,
                entry.Address,
                entry.Method,
                entry.Path,
                entry.Status == AuditTrail.NotKnown ? null : entry.Status,
                entry.Summary
            );
    }
}
