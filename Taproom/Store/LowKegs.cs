using System.Text;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Taproom.Ingest;

namespace Taproom.Store;

/// <summary>Tells of kegs that have run low, each once, by an activity event in the stream.</summary>
public sealed class LowKegs(TaproomDb db, IngestStream stream)
{
    /// <summary>Appends the events that are due. Which are due is in the database, so they outlive whoever stored the pours.</summary>
    public async Task TellAsync(CancellationToken cancellationToken)
    {
        foreach (var keg in await db.Kegs.Where(keg => keg.LowAt != null && !keg.LowTold).ToListAsync(cancellationToken))
        {
            await stream.AppendAsync(EventOf(keg), cancellationToken);
            await db.Kegs.Where(row => row.Id == keg.Id).ExecuteUpdateAsync(row => row.SetProperty(k => k.LowTold, true), cancellationToken);
        }
    }

    private static IngestEntry EventOf(Keg keg)
    {
        var data = new JsonObject
        {
            ["kegId"] = keg.Id,
            ["tapId"] = keg.TapId,
            ["beverage"] = keg.Beverage,
            ["levelMl"] = keg.LevelMl,
            ["sizeMl"] = keg.SizeMl,
        };
        var activity = new JsonObject
        {
            ["component"] = "keg",
            ["environment"] = "taproom",
            ["message"] = $"Keg {keg.Beverage} is low.",
            ["data"] = data,
        };
        return new IngestEntry
        {
            // The keg's own id, so that an event that is told twice is one event.
            Id = keg.Id,
            Kind = EntryKinds.Event,
            ReceivedAt = keg.LowAt!.Value,
            Body = Encoding.UTF8.GetBytes(activity.ToJsonString()),
        };
    }
}
