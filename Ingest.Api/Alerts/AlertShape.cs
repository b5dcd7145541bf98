using Ingest.Api.Http;
using Taproom.Store;

namespace Ingest.Api.Alerts;

/// <summary>An alert as the API shows it.</summary>
/// <param name="Id">Its UUID.</param>
/// <param name="Kind">What is wrong, for programs.</param>
/// <param name="Subject">With what.</param>
/// <param name="Message">What is wrong, for people.</param>
/// <param name="Data">More of it, for programs.</param>
/// <param name="BeganAt">When it was noticed.</param>
/// <param name="EndedAt">When it was over; null while it is not.</param>
internal sealed record AlertShape(Guid Id, string Kind, string Subject, string Message, RawJson Data, DateTimeOffset BeganAt, DateTimeOffset? EndedAt)
{
    public static AlertShape Of(Alert alert) =>
        new(alert.Id, alert.Kind, alert.Subject, alert.Message, new RawJson(alert.Data), alert.BeganAt, alert.EndedAt);
}
