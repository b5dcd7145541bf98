using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Testing;

namespace Ingest.Api.Tests;

/// <summary>What a receiver was sent.</summary>
/// <param name="Id">Its <c>webhook-id</c>.</param>
/// <param name="At">Its <c>webhook-timestamp</c>.</param>
/// <param name="Signature">Its <c>webhook-signature</c>.</param>
/// <param name="Raw">Its body as it came.</param>
internal sealed record Received(string Id, DateTimeOffset At, string Signature, string Raw)
{
    public JsonElement Body { get; } = JsonDocument.Parse(Raw).RootElement;

    public string? Type => Body.GetProperty("type").GetString();

    /// <summary>The id of what it tells.</summary>
    public Guid DataId => Body.GetProperty("data").GetProperty("id").GetGuid();
}

/// <summary>A receiver, written from the specification of Standard Webhooks (github.com/standard-webhooks/standard-webhooks, spec/standard-webhooks.md).</summary>
internal sealed class WebhookReceiver : IAsyncDisposable
{
    /// <summary>Base64 of 32 bytes that only tests know.</summary>
    public const string Key = "b25seS10ZXN0cy1rbm93LXRoaXMtb25lLTMyYnl0ZXM=";

    public const string Secret = $"whsec_{Key}";

    private readonly WebApplication _app;

    private WebhookReceiver(WebApplication app)
    {
        _app = app;
        app.Run(TakeAsync);
    }

    public string Address => _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();

    /// <summary>How it answers each request, by what it was sent and the number of the request, from 1.</summary>
    public Func<Received, int, HttpContext, Task<int>> Answer { get; set; } = (_, _, _) => Task.FromResult(StatusCodes.Status200OK);

    /// <summary>The key of the signatures, base64.</summary>
    public string ExpectedKey { get; set; } = Key;

    /// <summary>Everything that was received with a good signature, in that order, whatever was answered.</summary>
    public ConcurrentQueue<Received> Received { get; } = [];

    /// <summary>What broke a rule of the specification.</summary>
    public ConcurrentQueue<string> Faults { get; } = [];

    /// <summary>The messages that it took, each once.</summary>
    public IReadOnlyList<Received> Distinct => [.. Received.DistinctBy(received => received.Id)];

    public static async Task<WebhookReceiver> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        var receiver = new WebhookReceiver(app);
        await app.StartAsync();
        return receiver;
    }

    /// <summary>Registers a hook to this receiver.</summary>
    public async Task<Guid> RegisterAsync(Api api, params string[] kinds)
    {
        using var made = await api.Admin.PostAsJsonAsync(
            "/api/webhooks",
            new
            {
                url = $"{Address}/hook",
                kinds,
                secret = Secret,
            }
        );
        var text = await made.Content.ReadAsStringAsync();
        Assert.True(made.StatusCode == HttpStatusCode.Created, text);
        return JsonDocument.Parse(text).RootElement.GetProperty("id").GetGuid();
    }

    /// <summary>Waits until so many messages have come.</summary>
    public Task ReceivedAsync(int count) => Eventually.TrueAsync(() => Task.FromResult(Received.Count >= count), $"{count} messages were received");

    /// <summary>A hook as the API shows it.</summary>
    public static async Task<JsonElement> HookAsync(Api api, Guid hook) => await Api.ReadAsync(await api.Admin.GetAsync($"/api/webhooks/{hook}"));

    /// <summary>The newest attempts of a hook, newest first.</summary>
    public static async Task<IReadOnlyList<JsonElement>> DeliveriesAsync(Api api, Guid hook) =>
        [.. (await Api.ReadAsync(await api.Admin.GetAsync($"/api/webhooks/{hook}/deliveries"))).GetProperty("deliveries").EnumerateArray()];

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task TakeAsync(HttpContext context)
    {
        var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        var headers = context.Request.Headers;
        var (id, timestamp, signatures) = (
            headers["webhook-id"].ToString(),
            headers["webhook-timestamp"].ToString(),
            headers["webhook-signature"].ToString()
        );
        if (WhyBad(context.Request, id, timestamp, signatures, body.ToArray()) is { } fault)
        {
            Faults.Enqueue(fault);
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            return;
        }

        var at = DateTimeOffset.FromUnixTimeSeconds(long.Parse(timestamp, CultureInfo.InvariantCulture));
        var received = new Received(id, at, signatures, Encoding.UTF8.GetString(body.ToArray()));
        Received.Enqueue(received);
        context.Response.StatusCode = await Answer(received, Received.Count, context);
    }

    // "The content to sign is the id, timestamp and payload, separated by full stops"; the header is a list of "v1,base64", separated by spaces.
    private string? WhyBad(HttpRequest request, string id, string timestamp, string signatures, byte[] body)
    {
        using var hmac = new HMACSHA256(Convert.FromBase64String(ExpectedKey));
        var expected = hmac.ComputeHash([.. Encoding.UTF8.GetBytes(id), (byte)'.', .. Encoding.UTF8.GetBytes(timestamp), (byte)'.', .. body]);
        var isSigned = signatures
            .Split(' ')
            .Select(signature => signature.Split(','))
            .Any(parts => parts is ["v1", var given] && CryptographicOperations.FixedTimeEquals(expected, Convert.FromBase64String(given)));
        return id.Length == 0 || id.Contains('.') ? $"The id '{id}' is none."
            : !isSigned ? $"The signature '{signatures}' is wrong."
            : request.Method != "POST" || request.ContentType != "application/json" ? $"{request.Method} of {request.ContentType}"
            : null;
    }
}
