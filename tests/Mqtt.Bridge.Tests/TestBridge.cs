using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Mqtt.Bridge;
using Mqtt.Bridge.Clients;
using MQTTnet;
using MQTTnet.Formatter;
using MQTTnet.Server;
using StackExchange.Redis;
using Taproom;
using Taproom.Ingest;
using Testing;

namespace Mqtt.Bridge.Tests;

/// <summary>A bridge wired as in production, on a free port and with stream keys of its own.</summary>
internal sealed class TestBridge : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Dictionary<string, string?> _settings;
    private bool _stopped;

    private TestBridge(WebApplication app, Dictionary<string, string?> settings) => (_app, _settings) = (app, settings);

    public int Port => int.Parse(_settings["Mqtt:Port"]!);

    public string HttpAddress => _app.Urls.First();

    public IngestOptions Keys => _app.Services.GetRequiredService<IOptions<IngestOptions>>().Value;

    public int Connected => Get<ClientRegistry>().Count;

    public static Task<TestBridge> StartAsync(RedisServer redis, params IEnumerable<(string Key, string Value)> overrides) =>
        StartAsync(redis, time: null, overrides);

    /// <param name="redis">Its Redis.</param>
    /// <param name="time">Its clock; null for the machine's.</param>
    /// <param name="overrides">Settings of its own.</param>
    public static Task<TestBridge> StartAsync(RedisServer redis, TimeProvider? time, params IEnumerable<(string Key, string Value)> overrides)
    {
        var unique = Guid.NewGuid().ToString("N");
        var settings = new Dictionary<string, string?>
        {
            ["ConnectionStrings:redis"] = redis.ConnectionString,
            ["Ingest:Prefix"] = unique,
            ["Mqtt:Port"] = LocalServer.FreePort().ToString(),
            ["Mqtt:AllowAnonymous"] = "true",
        };
        foreach (var (key, value) in overrides)
        {
            settings[key] = value;
        }

        return StartAsync(settings, time);
    }

    /// <summary>A new bridge on the port and the stream of this one, which is stopped.</summary>
    public Task<TestBridge> RestartAsync(params IEnumerable<(string Key, string Value)> overrides)
    {
        var settings = new Dictionary<string, string?>(_settings);
        foreach (var (key, value) in overrides)
        {
            settings[key] = value;
        }

        return StartAsync(settings);
    }

    /// <summary>A second bridge with the stream of this one, which goes on, and settings of its own.</summary>
    public Task<TestBridge> StartBesideAsync(params IEnumerable<(string Key, string Value)> overrides)
    {
        var settings = new Dictionary<string, string?>(_settings) { ["Mqtt:Port"] = LocalServer.FreePort().ToString() };
        foreach (var (key, value) in overrides)
        {
            settings[key] = value;
        }

        return StartAsync(settings);
    }

    public T Get<T>()
        where T : notnull => _app.Services.GetRequiredService<T>();

    public async Task<HealthStatus> HealthAsync(string name = "mqtt") =>
        (await Get<HealthCheckService>().CheckHealthAsync(check => check.Name == name)).Status;

    /// <summary>How many messages the listener retains.</summary>
    public async Task<int> RetainedAsync() => (await Get<MqttServer>().GetRetainedMessagesAsync()).Count;

    /// <summary>Waits until it hears of receipts, which it may not yet when it has started; who hears of one is told it once.</summary>
    public Task HearsReceiptsAsync() =>
        Eventually.TrueAsync(
            async () =>
                await Get<IConnectionMultiplexer>().GetServers()[0].SubscriptionSubscriberCountAsync(RedisChannel.Literal(Keys.ReceiptChannel)) > 0,
            "the bridge hears of receipts"
        );

    /// <summary>A client, connected; as a tap when one is named.</summary>
    public async Task<IMqttClient> ConnectAsync(
        string? tap = null,
        MqttProtocolVersion version = MqttProtocolVersion.V500,
        string? clientId = null,
        bool cleanStart = true,
        string token = ""
    )
    {
        var client = new MqttClientFactory().CreateMqttClient();
        var options = new MqttClientOptionsBuilder()
            .WithTcpServer("127.0.0.1", Port)
            .WithTlsOptions(tls => tls.UseTls(false))
            .WithProtocolVersion(version)
            .WithCleanStart(cleanStart)
            .WithClientId(clientId ?? $"test-{Guid.NewGuid():N}");
        if (tap is not null)
        {
            options.WithCredentials(tap, token);
        }

        await client.ConnectAsync(options.Build(), TestContextToken());
        return client;
    }

    /// <summary>The entries of all partitions, in the order of their arrival.</summary>
    public async Task<IReadOnlyList<Dictionary<string, string>>> EntriesAsync() => await ReadAsync([.. Keys.StreamKeys()]);

    public async Task<IReadOnlyList<Dictionary<string, string>>> DeadLettersAsync() => await ReadAsync(Keys.DeadKey);

    public async Task StopAsync()
    {
        if (!_stopped)
        {
            _stopped = true;
            await _app.StopAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await _app.DisposeAsync();
    }

    private static CancellationToken TestContextToken() => new CancellationTokenSource(TimeSpan.FromMinutes(1)).Token;

    private static async Task<TestBridge> StartAsync(Dictionary<string, string?> settings, TimeProvider? time = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(settings);
        builder.Configuration["urls"] = "http://127.0.0.1:0";
        if (time is not null)
        {
            builder.Services.AddSingleton(time);
        }

        builder.AddIngestStream();
        builder.AddMqttBridge();
        var app = builder.Build();
        app.MapMqtt();
        await app.StartAsync();
        return new TestBridge(app, settings);
    }

    private async Task<IReadOnlyList<Dictionary<string, string>>> ReadAsync(params RedisKey[] streams)
    {
        var entries = await Eventually.ValueAsync(
            async () =>
            {
                try
                {
                    return await Task.WhenAll(streams.Select(stream => Get<IConnectionMultiplexer>().GetDatabase().StreamRangeAsync(stream)));
                }
                catch (Exception ex) when (ex is RedisException or TimeoutException)
                {
                    // The client needs a moment to find a Redis again that was restarted.
                    return null;
                }
            },
            "Redis answers"
        );
        return
        [
            .. entries
                .SelectMany(stream => stream)
                .OrderBy(entry => StreamId.Parse(entry.Id!) is var id ? (id.Milliseconds, id.Sequence) : default)
                .Select(entry => entry.Values.ToDictionary(field => (string)field.Name!, field => Encoding.UTF8.GetString((byte[])field.Value!))),
        ];
    }
}
