using Microsoft.Extensions.Options;
using ServiceDefaults;

namespace Ingest.Api.Webhooks;

/// <summary>Registers webhooks.</summary>
internal static class WebhookExtensions
{
    // More of an answer that nobody reads is not waited for; its connection is closed instead.
    private const int MaxDrainBytes = 64 * 1024;

    /// <summary>Adds the sender and what it needs.</summary>
    public static void AddWebhooks(this IHostApplicationBuilder builder)
    {
        builder.Services.AddValidated<WebhookOptions, WebhookOptionsValidator>(WebhookOptions.SectionName);
        builder
            .Services.AddHttpClient(WebhookClient.ClientName, client => client.Timeout = Timeout.InfiniteTimeSpan)
            .ConfigurePrimaryHttpMessageHandler(services => Handler(services.GetRequiredService<IOptions<WebhookOptions>>().Value))
            .RemoveAllLoggers();
        builder.Services.AddSingleton<WebhookSecrets>();
        builder.Services.AddSingleton<WebhookMetrics>();
        builder.Services.AddSingleton<WebhookClient>();
        builder.Services.AddScoped<WebhookMessages>();
        builder.Services.AddScoped<WebhookStore>();
        builder.Services.AddScoped<WebhookRegistry>();
        builder.Services.AddSingleton<WebhookSignal>();
        builder.Services.AddSingleton<WebhookOffEvents>();
        builder.Services.AddSingleton<WebhookTurn>();
        builder.Services.AddHostedService<WebhookSender>();
    }

    private static SocketsHttpHandler Handler(WebhookOptions options) =>
        new()
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            MaxResponseDrainSize = MaxDrainBytes,
            ConnectCallback = options.AllowPrivateAddresses ? null : PublicAddress.ConnectAsync,
            // No span of the client's own, which would have the whole address; and receivers need not know our traces.
            ActivityHeadersPropagator = null,
        };
}
