using System.Text;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Taproom.Ingest;
using Taproom.Store;

namespace Ingest.Api.Webhooks;

/// <summary>Tells by an activity event that a hook was turned off because of its receiver.</summary>
/// <remarks>What was told is in the database, and the event has an id of its own: a replica that dies in between leaves it to the next, and two tell it once.</remarks>
internal sealed class WebhookOffEvents(IngestStream stream)
{
    /// <summary>Tells what is untold.</summary>
    public async Task TellAsync(TaproomDb db, CancellationToken cancellationToken)
    {
        foreach (var hook in await db.Webhooks.Where(hook => hook.OffId != null && !hook.OffTold).ToListAsync(cancellationToken))
        {
            await stream.AppendAsync(EventOf(hook), cancellationToken);
            await db
                .Webhooks.Where(row => row.Id == hook.Id && row.OffId == hook.OffId)
                .ExecuteUpdateAsync(row => row.SetProperty(h => h.OffTold, true), cancellationToken);
        }
    }

    private static IngestEntry EventOf(Webhook hook)
    {
        // Anybody can read events, and the rest of an address may be as good as a password.
        var receiver = new Uri(hook.Url).GetLeftPart(UriPartial.Authority);
        var activity = new JsonObject
        {
            ["component"] = "webhook",
            ["environment"] = "taproom",
            ["message"] = $"The webhook to {receiver} is turned off. {hook.OffReason}",
            ["data"] = new JsonObject
            {
                ["webhookId"] = hook.Id,
                ["receiver"] = receiver,
                ["reason"] = hook.OffReason,
            },
        };
        return new IngestEntry
        {
            Id = hook.OffId!.Value,
            Kind = EntryKinds.Event,
            ReceivedAt = hook.OffAt!.Value,
            Body = Encoding.UTF8.GetBytes(activity.ToJsonString()),
        };
    }
}
