using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;

namespace Taproom.Store;

/// <summary>Which share of all beers each tap has poured, as it was when the newest full ten was complete.</summary>
/// <param name="Pours">Pours of each tap, by tap id.</param>
public sealed record SharesReport(IReadOnlyList<(int TapId, long Pours)> Pours)
{
    private const int Step = 10;

    /// <summary>Number of beers it covers, a multiple of ten.</summary>
    public long Total => Pours.Sum(tap => tap.Pours);

    /// <summary>Reads the totals and takes out the beers, nine at most, that came after the newest full ten.</summary>
    /// <param name="db">The store; it needs a snapshot of its own for that, so no transaction may be open.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task<SharesReport> ReadAsync(TaproomDb db, CancellationToken cancellationToken)
    {
        await using var snapshot = await db.Database.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, cancellationToken);
        var taps = await db
            .Taps.Where(tap => tap.Pours > 0)
            .OrderBy(tap => tap.Id)
            .Select(tap => new { tap.Id, tap.Pours })
            .ToListAsync(cancellationToken);
        var beyond = (int)(taps.Sum(tap => tap.Pours) % Step);
        var newest = await db.Pours.NewestFirst().Take(beyond).Select(pour => pour.TapId).ToListAsync(cancellationToken);
        return new SharesReport([.. taps.Select(tap => (tap.Id, tap.Pours - newest.Count(id => id == tap.Id))).Where(tap => tap.Item2 > 0)]);
    }

    /// <summary>The report as listeners get it: <c>{"tap 1":"40.0%","tap 2":"60.0%","total beers":10}</c>.</summary>
    public string ToJson()
    {
        var members = Pours.ToDictionary(
            tap => $"tap {tap.TapId}",
            object (tap) => string.Create(CultureInfo.InvariantCulture, $"{100m * tap.Pours / Total:0.0#}%")
        );
        members["total beers"] = Total;
        return JsonSerializer.Serialize(members, Options);
    }

    private static readonly JsonSerializerOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}
