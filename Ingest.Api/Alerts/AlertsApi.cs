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
    public static void MapAlerts(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/api/alerts", ListAlerts).WithTags("Alerts").WithSummary("Lists alerts, newest first.");

    private static async Task<Ok<AlertList>> ListAlerts(
        [FromQuery, Description("Only those that are open, or only those that are over.")] bool? open,
        [FromQuery, Description("Exactly this kind.")] string? kind,
        [AsParameters] ListQuery<RowCursor> page,
        TaproomDb db
    )
    {
        var after = page.AfterOr(RowCursor.Newest);
        IQueryable<Alert> alerts = db.Alerts;
        alerts = open is null ? alerts : alerts.Where(alert => (alert.EndedAt == null) == open);
        alerts = kind is null ? alerts : alerts.Where(alert => alert.Kind == kind);
        alerts = alerts
            .Where(alert => EF.Functions.LessThan(ValueTuple.Create(alert.BeganAt, alert.Seq), ValueTuple.Create(after.Time, after.Seq)))
            .OrderByDescending(alert => alert.BeganAt)
            .ThenByDescending(alert => alert.Seq);
        var found = await page.ReadAsync(alerts, alert => RowCursor.Of(alert.BeganAt, alert.Seq));
        return TypedResults.Ok(new AlertList([.. found.Select(AlertShape.Of)]));
    }

    internal sealed record AlertList(IReadOnlyList<AlertShape> Alerts);
}
