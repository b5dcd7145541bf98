using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Taproom.Store;

namespace Consumer.Worker.Alerts;

/// <summary>A keg on a tap has less left than the share that <see cref="KegOptions.LowShare"/> says.</summary>
internal sealed class LowKeg(TaproomDb db, IOptions<KegOptions> kegs) : IAlertRule
{
    /// <inheritdoc />
    public string Kind => "keg-low";

    /// <inheritdoc />
    public async Task<IReadOnlyList<Finding>> FindAsync(IReadOnlySet<string> open, CancellationToken cancellationToken)
    {
        var share = (decimal)kegs.Value.LowShare;
        var low = await db.Kegs.Where(keg => keg.TapId != null && keg.LevelMl < keg.SizeMl * share).ToListAsync(cancellationToken);
        return low.ConvertAll(keg => new Finding($"{keg.Id}", $"Keg {keg.Beverage} on tap {keg.TapId} is low.", DataOf(keg)));
    }

    /// <summary>What is told of a keg.</summary>
    public static System.Text.Json.Nodes.JsonObject DataOf(Keg keg) =>
        new()
        {
            ["kegId"] = keg.Id,
            ["tapId"] = keg.TapId,
            ["beverage"] = keg.Beverage,
            ["levelMl"] = keg.LevelMl,
            ["sizeMl"] = keg.SizeMl,
        };
}

/// <summary>A keg on a tap will be empty within <see cref="AlertOptions.EmptySoon"/> if it goes on as in the last hour.</summary>
internal sealed class EmptyKeg(TaproomDb db, IOptions<AlertOptions> options, TimeProvider time) : IAlertRule
{
    private static readonly TimeSpan Window = TimeSpan.FromHours(1);

    // Less says nothing of a pace, nor do the first rounds from a keg that was just put on.
    private const int FewestPours = 3;
    private static readonly TimeSpan Shortest = TimeSpan.FromMinutes(10);

    /// <inheritdoc />
    public string Kind => "keg-empty-soon";

    /// <inheritdoc />
    public async Task<IReadOnlyList<Finding>> FindAsync(IReadOnlySet<string> open, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var since = now - Window;
        var kegs = await db
            .Kegs.Where(keg => keg.TapId != null && keg.LevelMl > 0)
            .Select(keg => new
            {
                Keg = keg,
                Since = db
                    .Tappings.Where(tapping => tapping.KegId == keg.Id && tapping.UntappedAt == null)
                    .Max(tapping => (DateTimeOffset?)tapping.TappedAt),
                Pours = db.Pours.Count(pour => pour.TapId == keg.TapId && pour.PouredAt > since && pour.KegId == keg.Id),
                Poured = db.Pours.Where(pour => pour.TapId == keg.TapId && pour.PouredAt > since && pour.KegId == keg.Id).Sum(pour => pour.VolumeMl),
            })
            .Where(keg => keg.Pours >= FewestPours)
            .ToListAsync(cancellationToken);
        var findings = new List<Finding>();
        foreach (var keg in kegs)
        {
            var watched = now - (keg.Since > since ? keg.Since.Value : since);
            var left = keg.Poured <= 0 ? TimeSpan.MaxValue : watched * Math.Min((double)(keg.Keg.LevelMl / keg.Poured), 1_000);
            // Twice the limit for one that is open, or each quiet minute would end it.
            if (watched >= Shortest && left < options.Value.EmptySoon * (open.Contains($"{keg.Keg.Id}") ? 2 : 1))
            {
                var minutes = Math.Max(1, (int)Math.Round(left.TotalMinutes));
                var data = LowKeg.DataOf(keg.Keg);
                data["minutesLeft"] = minutes;
                findings.Add(
                    new(
                        $"{keg.Keg.Id}",
                        string.Create(
                            CultureInfo.InvariantCulture,
                            $"Keg {keg.Keg.Beverage} on tap {keg.Keg.TapId} is empty in about {minutes} min."
                        ),
                        data
                    )
                );
            }
        }

        return findings;
    }
}
