extern alias worker;

using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Npgsql;
using StackExchange.Redis;
using Taproom;
using Taproom.Ingest;
using Testing;
using worker::Consumer.Worker;

namespace Ingest.Api.Tests;

/// <summary>The API on a real port, and a worker on the same stream and database while a test wants one.</summary>
internal sealed partial class Api : IAsyncDisposable
{
    public const string AdminKey = "a-key-that-only-tests-know";

    private static readonly ConditionalWeakTable<Servers, Task<Api>> Shared = [];

    // Beyond those that tests name themselves.
    private static int _lastTap = 10_000;

    private readonly Factory _factory;
    private WebApplication? _worker;

    private Api(Dictionary<string, string?> settings, Action<IServiceCollection>? change = null)
    {
        Settings = settings;
        _factory = new Factory(settings, change);
        _factory.UseKestrel(0);
        _factory.StartServer();
        Anonymous = _factory.CreateClient();
        Admin = _factory.CreateClient();
        Admin.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", AdminKey);
    }

    public Dictionary<string, string?> Settings { get; }

    /// <summary>A client without a token.</summary>
    public HttpClient Anonymous { get; }

    /// <summary>A client with the admin key.</summary>
    public HttpClient Admin { get; }

    public IServiceProvider Services => _factory.Services;

    /// <summary>Starts the API, and a worker that has made the schema.</summary>
    public static Task<Api> StartAsync(Servers servers, params IEnumerable<(string Key, string? Value)> overrides) =>
        StartAsync(servers, change: null, overrides);

    /// <summary>Starts the API with other services, and a worker that has made the schema.</summary>
    public static async Task<Api> StartAsync(
        Servers servers,
        Action<IServiceCollection>? change,
        params IEnumerable<(string Key, string? Value)> overrides
    )
    {
        var api = await StartWithoutWorkerAsync(servers, change, overrides);
        await api.StartWorkerAsync();
        // On a busy machine the first calls of a process may take longer than a call may wait for Postgres.
        await Eventually.TrueAsync(async () => (await api.Anonymous.GetAsync("/health")).IsSuccessStatusCode, "the API is ready");
        return api;
    }

    public static Task<Api> StartWithoutWorkerAsync(Servers servers, params IEnumerable<(string Key, string? Value)> overrides) =>
        StartWithoutWorkerAsync(servers, change: null, overrides);

    /// <summary>Starts the API alone, with other services.</summary>
    public static async Task<Api> StartWithoutWorkerAsync(
        Servers servers,
        Action<IServiceCollection>? change,
        params IEnumerable<(string Key, string? Value)> overrides
    )
    {
        var api = new Api(await SettingsAsync(servers, overrides), change);
        // The first use of Redis and Postgres in a process may take longer than a call may wait; not by HTTP, as a test may count its calls.
        await api.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync();
        return api;
    }

    private static async Task<Dictionary<string, string?>> SettingsAsync(Servers servers, IEnumerable<(string Key, string? Value)> overrides)
    {
        var settings = await servers.SettingsAsync();
        settings["Admin:Key"] = AdminKey;
        settings["Meters:LeaseKey"] = $"lease:{settings["Ingest:Prefix"]}";
        // The first turn finds no meters; a test that wants more drives them or sets a period of its own.
        settings["Meters:Period"] = "1.00:00:00";
        foreach (var (key, value) in overrides)
        {
            settings[key] = value;
        }

        return settings;
    }

    /// <summary>Another replica that is set otherwise.</summary>
    public Api Sibling((string Key, string? Value) other) => new(new Dictionary<string, string?>(Settings) { [other.Key] = other.Value });

    /// <summary>One API, with a worker, for all tests of a collection that leave nothing behind that matters to another.</summary>
    public static Task<Api> SharedAsync(Servers servers)
    {
        lock (Shared)
        {
            return Shared.GetValue(servers, key => StartAsync(key));
        }
    }

    /// <summary>The number of a tap that no other test has, for what is asked of the shared API.</summary>
    public static int NewTap() => Interlocked.Increment(ref _lastTap);

    /// <summary>Another replica of the API on the same stream and database.</summary>
    public Api Sibling() => new(Settings);

    public async Task StartWorkerAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration.AddInMemoryCollection(Settings);
        builder.Configuration["urls"] = "http://127.0.0.1:0";
        builder.AddIngestStream();
        builder.AddPourStore();
        builder.AddStoreConsumer();
        _worker = builder.Build();
        await _worker.Services.GetRequiredService<SchemaUpgrade>().EnsureAsync(CancellationToken.None);
        await _worker.StartAsync();
        // It begins to take its partitions only now, and may have to wait for another worker to let go of them.
        await SharedOutAsync(_worker.Services.GetRequiredService<PartitionLeases>().Worker);
    }

    private async Task SharedOutAsync(string worker)
    {
        var line = Services.GetRequiredService<IngestLine>();
        await Eventually.TrueAsync(
            async () =>
            {
                try
                {
                    var state = await line.ReadAsync();
                    var shares = state.Workers.Select(name => state.Partitions.Count(partition => partition.Worker == name)).ToList();
                    return state.Workers.Contains(worker) && shares.Sum() == state.Partitions.Count && shares.Max() - shares.Min() <= 1;
                }
                catch (Exception ex) when (ex is RedisException or TimeoutException)
                {
                    return false;
                }
            },
            "every partition has a worker"
        );
    }

    public async Task StopWorkerAsync()
    {
        if (_worker is { } worker)
        {
            _worker = null;
            await worker.StopAsync();
            await worker.DisposeAsync();
        }
    }

    /// <summary>A client with this token.</summary>
    public HttpClient With(string token)
    {
        var client = _factory.CreateClient();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return client;
    }

    /// <summary>Posts JSON text as the admin.</summary>
    public Task<HttpResponseMessage> PostAsync(string path, string json) => Admin.PostAsync(path, Json(json));

    /// <summary>Posts what is too large; asks first, as the connection would otherwise be closed while the body is on its way.</summary>
    public Task<HttpResponseMessage> PostLargeAsync(string path, string json) =>
        Admin.SendAsync(new HttpRequestMessage(HttpMethod.Post, path) { Content = Json(json), Headers = { ExpectContinue = true } });

    public static async Task<JsonElement> ReadAsync(HttpResponseMessage response) => await response.Content.ReadFromJsonAsync<JsonElement>();

    /// <summary>Runs SQL on the API's database, also while that is read-only for everybody else.</summary>
    public async Task ExecuteAsync(string sql)
    {
        await using var source = NpgsqlDataSource.Create(
            $"{Settings["ConnectionStrings:taproomdb"]};Pooling=false;Options=-c default_transaction_read_only=off"
        );
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Reads a list to its end by its <c>Link</c> headers.</summary>
    /// <returns>The number of items of each page, and the bytes of the largest.</returns>
    public async Task<(List<int> Counts, long MaxBytes)> PagesAsync(string? path)
    {
        var (counts, maxBytes) = (new List<int>(), 0L);
        while (path is not null)
        {
            using var page = await Admin.GetAsync(path);
            counts.Add((await ReadAsync(page)).EnumerateObject().Single().Value.GetArrayLength());
            maxBytes = Math.Max(maxBytes, page.Content.Headers.ContentLength!.Value);
            path = NextOf(page);
        }

        return (counts, maxBytes);
    }

    /// <summary>Where the <c>Link</c> header says that the list goes on; null at its end.</summary>
    public static string? NextOf(HttpResponseMessage page) =>
        page.Headers.TryGetValues("Link", out var links) ? links.Single().Split('<', '>')[1] : null;

    public static StringContent Json(string json) => new(json, Encoding.UTF8, "application/json");

    /// <summary>Asserts that the answer is a problem document without anything of the inside, and returns it.</summary>
    public static async Task<JsonElement> ProblemAsync(HttpResponseMessage response, params IEnumerable<int> statuses)
    {
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(statuses.Contains((int)response.StatusCode), $"{(int)response.StatusCode} {text}");
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        Assert.All(["Exception", "127.0.0.1", "Npgsql", "SELECT", "   at "], inside => Assert.DoesNotContain(inside, text));
        var problem = JsonDocument.Parse(text).RootElement;
        Assert.NotEqual("", problem.GetProperty("detail").GetString());
        return problem;
    }

    public async ValueTask DisposeAsync()
    {
        await StopWorkerAsync();
        await _factory.DisposeAsync();
        // Every test has a database, and with it a pool, of its own; Postgres takes a hundred connections in all.
        NpgsqlConnection.ClearAllPools();
    }

    private sealed class Factory(Dictionary<string, string?> settings, Action<IServiceCollection>? change) : WebApplicationFactory<Program>
    {
        private static int _starts;

        protected override void ConfigureWebHost(IWebHostBuilder builder)
        {
            if (Interlocked.Increment(ref _starts) > 1)
            {
                // That each service can be made is looked at once.
                builder.UseDefaultServiceProvider(options => options.ValidateScopes = true);
            }

            if (change is not null)
            {
                builder.ConfigureTestServices(change);
            }
        }

        protected override IHost CreateHost(IHostBuilder builder)
        {
            builder.ConfigureHostConfiguration(configuration => configuration.AddInMemoryCollection(settings));
            return base.CreateHost(builder);
        }
    }
}
