using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Npgsql;
using StackExchange.Redis;
using Testing;

namespace Distributed.Tests;

/// <summary>
/// Runs what would be in the images, each service with the environment that deploy/ gives it and nothing else. Only the names and ports are others,
/// because here all of them share one machine.
/// </summary>
public sealed class DeployRunTests(DeployRunTests.Published published) : IClassFixture<DeployRunTests.Published>
{
    private static readonly string[] Services = ["consumer-worker", "mqtt-bridge", "ingest-api", "dashboard-web"];

    private const int ServerUnavailable = 0x88;

    private static readonly Dictionary<string, string> Secrets = new()
    {
        ["ADMIN_KEY"] = "key-of-the-deployment",
        ["REDIS_PASSWORD"] = "redis-of-the-deployment",
    };

    [Fact]
    public async Task A_pour_goes_from_a_tap_to_the_API_with_the_environment_of_Compose_which_is_that_of_Kubernetes()
    {
        var database = new NpgsqlConnectionStringBuilder(await published.Postgres.CreateEmptyDatabaseAsync());
        var mqtt = LocalServer.FreePort();
        var ports = Services.ToDictionary(service => service, _ => LocalServer.FreePort());
        var processes = new List<Process>();
        try
        {
            foreach (var service in Services)
            {
                var environment = OfCompose(service, database.Password!);
                Assert.Equal(
                    environment.OrderBy(variable => variable.Key),
                    OfKubernetes(service, database.Password!).OrderBy(variable => variable.Key)
                );
                environment["ASPNETCORE_HTTP_PORTS"] = $"{ports[service]}";
                if (environment.ContainsKey("Mqtt__Port"))
                {
                    environment["Mqtt__Port"] = $"{mqtt}";
                }

                if (environment.ContainsKey("Archive__Path"))
                {
                    environment["Archive__Path"] = published.ArchivePath;
                }

                environment["ConnectionStrings__redis"] = Moved(
                    environment["ConnectionStrings__redis"],
                    "redis:6379",
                    $"127.0.0.1:{published.Redis.Port}"
                );
                environment["ConnectionStrings__taproomdb"] = Moved(
                    Moved(environment["ConnectionStrings__taproomdb"], "Host=postgres;Port=5432", $"Host={database.Host};Port={database.Port}"),
                    "Database=taproomdb",
                    $"Database={database.Database}"
                );
                processes.Add(published.Start(service, environment));
            }

            await Task.WhenAll(ports.Values.Select(port => ServiceProcess.HealthyAsync($"http://127.0.0.1:{port}")));
            using var api = Calls.Client($"http://127.0.0.1:{ports["ingest-api"]}");
            api.DefaultRequestHeaders.Authorization = new("Bearer", Secrets["ADMIN_KEY"]);
            await api.AddAsync("/api/taps", new { id = 7, name = "Bar" });
            using var made = await api.PostAsync("/api/taps/7/token", null);
            var token = (await made.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("token").GetString()!;
            var id = Guid.NewGuid();

            string[] pour = ["-V", "5", "-h", "127.0.0.1", "-p", $"{mqtt}", "-q", "1", "-u", "7", "-P", token];
            await Eventually.TrueAsync(
                async () =>
                {
                    using var tap = Process.Start("mosquitto_pub", [.. pour, "-t", "taps/7/pours", "-m", $$"""{"id":"{{id}}","volume":473}"""]);
                    await tap.WaitForExitAsync();
                    // Right after the first start tokens cannot be checked yet, and a tap is told to come again.
                    Assert.True(tap.ExitCode is 0 or ServerUnavailable, $"{tap.ExitCode}");
                    return tap.ExitCode == 0;
                },
                "the pour is taken"
            );

            await Eventually.TrueAsync(async () => (await api.GetAsync($"/api/beers/{id}")).StatusCode == HttpStatusCode.OK, "the pour is stored");
            using var page = await api.GetAsync($"http://127.0.0.1:{ports["dashboard-web"]}/");
            Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        }
        finally
        {
            foreach (var process in processes)
            {
                process.Kill();
                await process.WaitForExitAsync();
                process.Dispose();
            }
        }
    }

    private static Dictionary<string, string> OfCompose(string service, string postgresPassword)
    {
        var secrets = new Dictionary<string, string>(Secrets) { ["POSTGRES_PASSWORD"] = postgresPassword };
        return DeployFiles
            .ComposeEnvironment(service)
            .ToDictionary(variable => variable.Key, variable => DeployFiles.Interpolate(variable.Value, secrets));
    }

    private static Dictionary<string, string> OfKubernetes(string service, string postgresPassword)
    {
        var secrets = DeployFiles
            .Text("small", "secrets.env.example")
            .Split('\n')
            .Where(line => line.Contains('=') && line[0] != '#')
            .Select(line => line.Split('=', 2))
            .ToDictionary(line => line[0], line => line[1]);
        secrets["admin-key"] = Secrets["ADMIN_KEY"];
        secrets["redis"] = Moved(secrets["redis"], "password=", $"password={Secrets["REDIS_PASSWORD"]}");
        secrets["taproomdb"] = Moved(secrets["taproomdb"], "Password=", $"Password={postgresPassword}");
        return DeployFiles
            .Container(service)
            .Env.ToDictionary(
                variable => variable.Name,
                variable => variable.ValueFrom is { SecretKeyRef: { } secret } ? secrets[secret.Key] : variable.Value ?? ""
            );
    }

    private static string Moved(string text, string from, string to)
    {
        Assert.Contains(from, text);
        return text.Replace(from, to);
    }

    /// <summary>The published services, and stores with passwords.</summary>
    public sealed class Published : IAsyncLifetime
    {
        private readonly string _folder = Directory.CreateTempSubdirectory("taproom-").FullName;

        /// <summary>For what would be a volume.</summary>
        public string ArchivePath => Path.Combine(_folder, "archive");

        /// <summary>Asks for a password.</summary>
        public RedisServer Redis { get; } = new();

        /// <summary>Asks for one by itself.</summary>
        public PostgresServer Postgres { get; } = new();

        /// <inheritdoc />
        public async Task InitializeAsync()
        {
            await Task.WhenAll(PublishAsync(), Redis.InitializeAsync(), Postgres.InitializeAsync());
            await using var redis = await ConnectionMultiplexer.ConnectAsync($"{Redis.ConnectionString},allowAdmin=true");
            await redis.GetServers()[0].ConfigSetAsync("requirepass", Secrets["REDIS_PASSWORD"]);
        }

        /// <inheritdoc />
        public async Task DisposeAsync()
        {
            await Task.WhenAll(Redis.DisposeAsync(), Postgres.DisposeAsync());
            Directory.Delete(_folder, recursive: true);
        }

        /// <summary>Starts a service from its folder.</summary>
        public Process Start(string service, IReadOnlyDictionary<string, string> environment)
        {
            var folder = Path.Combine(_folder, service);
            var program = Directory.EnumerateFiles(folder, "*.runtimeconfig.json").Single().Replace(".runtimeconfig.json", ".dll");
            var start = new ProcessStartInfo("dotnet", [program]) { WorkingDirectory = folder };
            var (path, dotnet) = (Environment.GetEnvironmentVariable("PATH"), Environment.GetEnvironmentVariable("DOTNET_ROOT"));
            start.Environment.Clear();
            (start.Environment["PATH"], start.Environment["DOTNET_ROOT"]) = (path, dotnet);
            foreach (var (name, value) in environment)
            {
                start.Environment[name] = value;
            }

            return Process.Start(start)!;
        }

        private async Task PublishAsync()
        {
            // What the build has made already: only what an image is made from is put together.
            string[] arguments = ["--folder", _folder, "--", "-c", "Debug", "--no-build"];
            using var images = Process.Start(
                new ProcessStartInfo(Path.Combine(LocalServer.Repository, "deploy/images"), arguments) { RedirectStandardOutput = true }
            )!;
            var output = await images.StandardOutput.ReadToEndAsync();
            await images.WaitForExitAsync();
            Assert.True(images.ExitCode == 0, output);
        }
    }
}
