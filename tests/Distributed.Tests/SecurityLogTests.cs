using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Npgsql;
using Testing;

namespace Distributed.Tests;

/// <summary>Services that log everything that they and their libraries can log.</summary>
public sealed class SecurityLogTests(SecurityLogTests.Stores stores) : IClassFixture<SecurityLogTests.Stores>, IAsyncLifetime
{
    private const string AdminKey = "admin-key-that-nobody-logs";
    private const string MeterPassword = "meter-password-that-nobody-logs";
    private const string HookKey = "d2ViaG9vay1rZXktdGhhdC1ub2JvZHktbG9ncyE=";
    private const string HookPath = "path-that-nobody-logs";
    private const string Wrong = "wrong-password-that-nobody-logs";

    private static readonly string[] Services = ["Consumer.Worker", "Ingest.Api", "Mqtt.Bridge", "Dashboard.Web"];

    private readonly string _mqtt = $"{LocalServer.FreePort()}";
    private ServiceProcess[] _services = [];

    /// <inheritdoc />
    public Task InitializeAsync() => Task.CompletedTask;

    /// <inheritdoc />
    public async Task DisposeAsync()
    {
        foreach (var service in _services)
        {
            await service.DisposeAsync();
        }
    }

    [Fact]
    public async Task Nothing_that_is_secret_is_logged_while_all_goes_well_and_callers_err()
    {
        var addresses = Start(TlsRedisServer.Password, stores.Database);
        await Task.WhenAll(addresses.Select(ServiceProcess.HealthyAsync));
        using var api = Calls.Client(addresses[1]);
        api.DefaultRequestHeaders.Authorization = new("Bearer", AdminKey);
        await api.AddAsync("/api/taps", new { id = 7, name = "Bar" });
        using var made = await api.PostAsync("/api/taps/7/token", null);
        var token = (await made.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("token").GetString()!;
        (await api.PostAsJsonAsync("/api/meters", Meter(addresses[3]))).EnsureSuccessStatusCode();
        await api.PostAsync("/api/meters/m/poll", null);
        using var hook = await api.PostAsJsonAsync("/api/webhooks", Hook($"whsec_{HookKey}"));
        using var other = await api.PostAsJsonAsync("/api/webhooks", Hook(secret: null));
        var madeKey = (await other.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("secret").GetString()!["whsec_".Length..];
        using var tested = await api.PostAsync($"{hook.Headers.Location}/test", null);
        Assert.Equal(HttpStatusCode.BadGateway, tested.StatusCode);
        using var asTap = Calls.Client(addresses[1]);
        asTap.DefaultRequestHeaders.Authorization = new("Bearer", token);
        await Eventually.TrueAsync(
            async () => (await asTap.PostAsJsonAsync("/api/beers", new { tapId = 7, volume = 473 })).StatusCode == HttpStatusCode.Created,
            "the token is good for a pour"
        );
        Assert.Equal(HttpStatusCode.Forbidden, (await asTap.PostAsJsonAsync("/api/beers", new { tapId = 8, volume = 473 })).StatusCode);
        asTap.DefaultRequestHeaders.Authorization = new("Bearer", $"7.{Wrong}");
        Assert.Equal(HttpStatusCode.Unauthorized, (await asTap.PostAsJsonAsync("/api/beers", new { tapId = 7, volume = 473 })).StatusCode);
        // The bridge may not know a new token for a moment.
        await Eventually.TrueAsync(async () => await PublishAsync("7", token) == 0, "the token is good for a connection");
        Assert.NotEqual(0, await PublishAsync("7", Wrong));
        Assert.NotEqual(0, await PublishAsync("8", token));

        var log = await EndAsync();

        Assert.Contains("trce: ", log);
        foreach (var service in Services)
        {
            Assert.Contains($"{service} starts with redis 127.0.0.1:{stores.Redis.Port} over TLS, partitions 4,", log);
        }

        Hidden(
            log,
            AdminKey,
            token,
            token.Split('.')[1],
            MeterPassword,
            HookKey,
            madeKey,
            HookPath,
            Wrong,
            TlsRedisServer.Password,
            Uri.EscapeDataString(TlsRedisServer.Password)
        );
        Hidden(log, new NpgsqlConnectionStringBuilder(stores.Database).Password!);
    }

    [Fact]
    public async Task Passwords_that_the_stores_refuse_are_not_logged()
    {
        Start(Wrong, new NpgsqlConnectionStringBuilder(stores.Database) { Password = Wrong }.ConnectionString);
        foreach (var service in _services)
        {
            // Only the bridge needs no Postgres.
            await Eventually.TrueAsync(
                () => Task.FromResult(service.Output.Contains("NOAUTH") && (service == _services[2] || service.Output.Contains("28P01"))),
                "it is refused by both stores",
                TimeSpan.FromSeconds(60)
            );
        }

        var log = await EndAsync();

        Hidden(log, Wrong, AdminKey);
    }

    private static void Hidden(string log, params string[] secrets) =>
        Assert.All(secrets, secret => Assert.False(log.Contains(secret), log.Split('\n').FirstOrDefault(line => line.Contains(secret))));

    private static object Hook(string? secret) =>
        new
        {
            url = $"https://pos.invalid/{HookPath}",
            kinds = (string[])["pour.stored"],
            secret,
        };

    private static object Meter(string address) =>
        new
        {
            id = "m",
            kind = "json",
            address,
            user = "ann",
            password = MeterPassword,
            active = false,
        };

    private async Task<string> EndAsync()
    {
        var log = "";
        foreach (var service in _services)
        {
            await service.KillAsync();
            log += service.Output;
        }

        return log;
    }

    private string[] Start(string redisPassword, string database)
    {
        string[] addresses = [.. Services.Select(_ => $"http://127.0.0.1:{LocalServer.FreePort()}")];
        _services =
        [
            .. Services.Zip(
                addresses,
                (service, address) =>
                    ServiceProcess.Start(
                        service,
                        new Dictionary<string, string?>
                        {
                            ["ASPNETCORE_URLS"] = address,
                            ["ConnectionStrings:redis"] = $"rediss://default:{Uri.EscapeDataString(redisPassword)}@127.0.0.1:{stores.Redis.Port}",
                            ["Redis:Ca"] = stores.Certificate,
                            ["ConnectionStrings:taproomdb"] = database,
                            ["Admin:Key"] = AdminKey,
                            ["Mqtt:Port"] = _mqtt,
                            ["Logging:LogLevel:Default"] = "Trace",
                            ["Logging:LogLevel:Microsoft"] = "Trace",
                            ["Logging:LogLevel:Microsoft.AspNetCore"] = "Trace",
                            ["Logging:LogLevel:Microsoft.EntityFrameworkCore"] = "Trace",
                        }
                    )
            ),
        ];
        return addresses;
    }

    private async Task<int> PublishAsync(string tap, string token)
    {
        using var client = Process.Start(
            "mosquitto_pub",
            [
                "-V",
                "5",
                "-h",
                "127.0.0.1",
                "-p",
                _mqtt,
                "-q",
                "1",
                "-i",
                $"tap-{tap}",
                "-u",
                tap,
                "-P",
                token,
                "-t",
                $"taps/{tap}/pours",
                "-m",
                """{"volume":473}""",
            ]
        );
        await client.WaitForExitAsync();
        return client.ExitCode;
    }

    /// <summary>The stores of both tests, each with a password.</summary>
    public sealed class Stores : IAsyncLifetime
    {
        private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("taproom-");
        private readonly PostgresServer _postgres = new();

        public Stores()
        {
            (Certificate, var key) = TestCertificate.Write(_folder.FullName);
            Redis = new TlsRedisServer(Certificate, key);
        }

        /// <summary>The file of its certificate, PEM.</summary>
        public string Certificate { get; }

        public TlsRedisServer Redis { get; }

        /// <summary>Connection string of a database that was empty.</summary>
        public string Database { get; private set; } = "";

        /// <inheritdoc />
        public async Task InitializeAsync()
        {
            await Task.WhenAll(_postgres.InitializeAsync(), Redis.InitializeAsync());
            Database = await _postgres.CreateEmptyDatabaseAsync();
        }

        /// <inheritdoc />
        public async Task DisposeAsync()
        {
            await Task.WhenAll(_postgres.DisposeAsync(), Redis.DisposeAsync());
            _folder.Delete(recursive: true);
        }
    }
}
