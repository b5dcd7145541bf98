using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using Ingest.Api.Http;
using Microsoft.Extensions.Options;
using Taproom.Store;

namespace Ingest.Api.Webhooks;

/// <summary>What became of an attempt.</summary>
/// <param name="At">When it began.</param>
/// <param name="Duration">How long it took.</param>
/// <param name="Status">The HTTP status of the answer; null when none came.</param>
/// <param name="Error">Why it failed, for whoever looks after the hook; null when it did not.</param>
internal sealed record WebhookAttempt(DateTimeOffset At, TimeSpan Duration, int? Status, string? Error);

/// <summary>Sends messages as Standard Webhooks has it (standardwebhooks.com, version 1.0.0).</summary>
internal sealed class WebhookClient(
    IHttpClientFactory clients,
    WebhookSecrets secrets,
    WebhookMetrics metrics,
    IOptions<WebhookOptions> options,
    TimeProvider time
)
{
    /// <summary>Name of the HTTP client, whose connections all hooks share.</summary>
    public const string ClientName = "webhooks";

    private static readonly ActivitySource Source = new("Ingest.Api");

    /// <summary>Sends a message once.</summary>
    public async Task<WebhookAttempt> SendAsync(Webhook hook, WebhookMessage message, CancellationToken cancellationToken)
    {
        var url = new Uri(hook.Url);
        using var activity = StartSend(hook, message, url);
        var (startedAt, timestamp) = (time.GetUtcNow(), time.GetTimestamp());
        var (status, error, type) = await PostAsync(hook, message, url, startedAt, cancellationToken);
        var duration = time.GetElapsedTime(timestamp);
        metrics.Sent(duration, type);
        activity?.SetTag("http.response.status_code", status);
        if (error is not null)
        {
            activity?.SetTag("error.type", type).SetStatus(ActivityStatusCode.Error, error);
        }

        return new WebhookAttempt(startedAt, duration, status, error);
    }

    private static Activity? StartSend(Webhook hook, WebhookMessage message, Uri url)
    {
        // Of the pour's trace the id alone is kept, so the link leads to the trace and to no span of it.
        IEnumerable<ActivityLink> links = message.TraceId is { } trace
            ? [new(new ActivityContext(ActivityTraceId.CreateFromString(trace.ToString("N")), default, ActivityTraceFlags.Recorded, isRemote: true))]
            : [];
        var parent = Activity.Current?.Context ?? default;
        return Source
            .StartActivity(ActivityKind.Producer, parentContext: parent, links: links, name: "send webhook")
            ?.SetTag("messaging.system", "webhook")
            .SetTag("messaging.operation.name", "send")
            .SetTag("messaging.operation.type", "send")
            .SetTag("messaging.destination.name", hook.Id.ToString())
            .SetTag("messaging.message.id", message.Id)
            .SetTag("server.address", url.IdnHost)
            .SetTag("server.port", url.Port);
    }

    private async Task<(int? Status, string? Error, string? Type)> PostAsync(
        Webhook hook,
        WebhookMessage message,
        Uri url,
        DateTimeOffset now,
        CancellationToken cancellationToken
    )
    {
        using var patience = new CancellationTokenSource(options.Value.Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            using var request = Request(hook, message, url, now);
            // What it answers beyond the status is nobody's business.
            using var response = await clients.CreateClient(ClientName).SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            var status = (int)response.StatusCode;
            return status switch
            {
                >= 200 and < 300 => (status, null, null),
                >= 300 and < 400 => (status, $"The receiver answered with status {status}; redirects are not followed.", $"{status}"),
                _ => (status, $"The receiver answered with status {status}.", $"{status}"),
            };
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested)
        {
            return (null, "The receiver did not answer in time.", "timeout");
        }
        catch (HttpRequestException ex) when (ex.GetBaseException() is PrivateAddressException)
        {
            return (null, "The host of the url has no public address, and Webhooks:AllowPrivateAddresses is off.", "private_address");
        }
        catch (HttpRequestException ex)
        {
            return (null, $"The receiver cannot be reached ({ex.HttpRequestError}).", $"{ex.HttpRequestError}");
        }
        catch (CryptographicException ex) when (!FailureHandler.IsAway(ex))
        {
            return (null, "The webhook's secret cannot be decrypted any more; give it a new one.", "secret");
        }
    }

    private HttpRequestMessage Request(Webhook hook, WebhookMessage message, Uri url, DateTimeOffset now)
    {
        var timestamp = now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new ByteArrayContent(message.Body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue("Taproom", null));
        request.Headers.Add("webhook-id", message.Id);
        request.Headers.Add("webhook-timestamp", timestamp);
        request.Headers.Add("webhook-signature", secrets.Sign(hook.Secret, message.Id, timestamp, message.Body));
        return request;
    }
}
