using System.ComponentModel;
using Ingest.Api.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using Taproom.Store;

namespace Ingest.Api.Alerts;

/// <summary>The resource <c>/api/alerts</c>: what somebody should look at, or should have.</summary>
internal static class AlertsApi
{
    public static void MapAlerts(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/alerts").WithTags("Alerts");
        group.MapGet("", ListAlerts).WithSummary("Lists alerts, newest first.");
    }

    private static async Task<Ok<AlertList>> ListAlerts(
        [AsParameters] AlertFilter filter,
        [AsParameters] ListQuery<RowCursor> page,
        TaproomDb db
    )
    {
        var after = page.AfterOr(RowCursor.Newest);
        var alerts = filter
            .Of(db.Alerts)
            .Where(alert => EF.Functions.LessThan(ValueTuple.Create(alert.BeganAt, alert.Seq), ValueTuple.Create(after.Time, after.Seq)))
            .OrderByDescending(alert => alert.BeganAt)
            .ThenByDescending(alert => alert.Seq);
        var found = await page.ReadAsync(alerts, alert => RowCursor.Of(alert.BeganAt, alert.Seq));
        return TypedResults.Ok(new AlertList([.. found.Select(AlertShape.Of)]));
    }

    internal sealed record AlertList(IReadOnlyList<AlertShape> Alerts);
}

/// <summary>Which alerts; all that is given must match.</summary>
public sealed class AlertFilter
{
    [FromQuery(Name = "open"), Description("Only those that are open, or only those that are over.")]
    public bool? Open { get; init; }

    [FromQuery(Name = "kind"), Description("Exactly this kind.")]
    public string? Kind { get; init; }

    /// <summary>The alerts that match.</summary>
    internal IQueryable<Alert> Of(IQueryable<Alert> alerts)
    {
        alerts = Open is { } open ? alerts.Where(alert => (alert.EndedAt == null) == open) : alerts;
        return Kind is null ? alerts : alerts.Where(alert => alert.Kind == Kind);
    }
}
