using System.Text.Json;
using Taproom.Store;

namespace Dashboard.Web.Board;

/// <summary>Something that somebody should look at, see <see cref="Alert"/>.</summary>
/// <param name="Id">Identity of the alert.</param>
/// <param name="Kind">What is wrong, for programs.</param>
/// <param name="Message">What is wrong, for people, in English.</param>
/// <param name="Data">More of it, for programs: a JSON object.</param>
/// <param name="BeganAt">When it was noticed, UTC.</param>
/// <param name="TapId">The tap that it is about, or null.</param>
public sealed record AlertView(Guid Id, string Kind, string Message, string Data, DateTimeOffset BeganAt, int? TapId)
{
    /// <summary>More than a person reads at once.</summary>
    public const int Most = 100;

    /// <summary>The row as the page shows it.</summary>
    public static AlertView Of(Alert alert)
    {
        using var data = JsonDocument.Parse(alert.Data);
        return new(alert.Id, alert.Kind, alert.Message, alert.Data, alert.BeganAt, TapId());

        int? TapId() => data.RootElement.TryGetProperty("tapId", out var number) && number.TryGetInt32(out var value) ? value : null;
    }
}
