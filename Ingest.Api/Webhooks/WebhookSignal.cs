using Taproom;

namespace Ingest.Api.Webhooks;

/// <summary>Wakes the sender of webhooks.</summary>
internal sealed class WebhookSignal(TimeProvider time) : Signal(time);
