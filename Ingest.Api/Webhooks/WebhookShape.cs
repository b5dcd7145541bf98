using System.ComponentModel;
using System.Text.Json.Serialization;
using Taproom.Store;

namespace Ingest.Api.Webhooks;

/// <summary>A webhook as the API shows it.</summary>
internal sealed record WebhookShape(
    Guid Id,
    string Url,
    IReadOnlyList<string> Kinds,
    bool Active,
    DateTimeOffset CreatedAt,
    [property: Description("Since when every attempt has failed; null while they do not.")] DateTimeOffset? FailingSince,
    [property: Description("When it is tried again; null for at once.")] DateTimeOffset? NextAttemptAt,
    [property: Description("Why the newest attempt failed; null when it did not.")] string? LastError,
    [property: Description("When it was turned off because of its receiver; null when it was not.")] DateTimeOffset? OffAt,
    [property: Description("Why it was turned off.")] string? OffReason
)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    [Description("Only in the answer to a POST that had none: the secret that was made. It is not shown again.")]
    public string? Secret { get; init; }

    public static WebhookShape Of(Webhook hook) =>
        new(
            hook.Id,
            hook.Url,
            hook.Kinds,
            hook.Active,
            hook.CreatedAt,
            hook.FailingSince,
            hook.NextAttemptAt,
            hook.LastError,
            hook.OffAt,
            hook.OffReason
        );
}

internal sealed record WebhookList(IReadOnlyList<WebhookShape> Webhooks);

/// <summary>An attempt as the API shows it.</summary>
internal sealed record DeliveryShape(
    [property: Description("The webhook-id, the same for each attempt.")] string MessageId,
    string Kind,
    [property: Description("Which attempt it was, from 1.")] int Attempt,
    DateTimeOffset At,
    [property: Description("How long it took, in ms.")] int DurationMs,
    [property: Description("The HTTP status of the answer; null when none came.")] int? Status,
    [property: Description("Why it failed; null when it did not.")] string? Error
)
{
    public static DeliveryShape Of(WebhookDelivery delivery) =>
        new(delivery.MessageId, delivery.Kind, delivery.Attempt, delivery.At, delivery.DurationMs, delivery.Status, delivery.Error);
}

internal sealed record DeliveryList(IReadOnlyList<DeliveryShape> Deliveries);
