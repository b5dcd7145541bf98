using System.Net;
using System.Net.Http.Json;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Text.Json;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Npgsql;
using Testing;

namespace Distributed.Tests;

/// <summary>Who reaches a run of the development profile, and where its secrets show; docs/security.md says the same.</summary>
[Collection(nameof(TaproomCollection))]
public sealed class SecurityTests(TaproomApp app)
{
    [Fact]
    public void Nothing_of_a_run_can_be_reached_from_the_network()
    {
        var listeners = RunProcesses.Listeners(RunProcesses.Ids());

        Uri[] known =
        [
            app.Endpoint("redis", "tcp"),
            app.Endpoint("postgres", "tcp"),
            app.Endpoint("mqtt-bridge", "mqtt"),
            app.Endpoint("ingest-api"),
            app.Endpoint("dashboard-web"),
            app.Dashboard.Address,
        ];
        Assert.Superset(known.Select(endpoint => endpoint.Port).ToHashSet(), listeners.Select(listener => listener.Port).ToHashSet());
        Assert.All(listeners, listener => Assert.True(IPAddress.IsLoopback(listener.Address), $"{listener}"));
        foreach (var address in OwnAddresses())
        {
            Assert.All(
                known,
                endpoint =>
                {
                    using var client = new TcpClient(address.AddressFamily);
                    Assert.Equal(
                        SocketError.ConnectionRefused,
                        Assert.Throws<SocketException>(() => client.Connect(address, endpoint.Port)).SocketErrorCode
                    );
                }
            );
        }
    }

    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("192.0.2.1")]
    [InlineData("localhost")]
    public async Task Only_page_API_and_MQTT_are_opened_to_the_network_on_demand_and_MQTT_then_asks_for_tokens(string listen)
    {
        var data = Directory.CreateTempSubdirectory("taproom-");
        try
        {
            await using var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.AppHost>([
                .. TaproomApp.Settings(data.FullName),
                .. TaproomApp.Secrets,
                $"--Taproom:Listen={listen}",
            ]);

            var open = builder
                .Resources.SelectMany(resource => resource.Annotations.OfType<EndpointAnnotation>().Select(endpoint => (resource, endpoint)))
                .Where(found => found.endpoint.TargetHost != "localhost")
                .Select(found => $"{found.resource.Name} {found.endpoint.Name} {found.endpoint.TargetHost}");
            Assert.Equal(
                listen == "localhost" ? [] : [$"dashboard-web http {listen}", $"ingest-api http {listen}", $"mqtt-bridge mqtt {listen}"],
                open.Order()
            );
            var bridge = await EnvironmentAsync("mqtt-bridge");
            Assert.Equal(listen, bridge["Mqtt__ListenAddress"]);
            Assert.Equal(listen == "localhost" ? null : "false", bridge.GetValueOrDefault("Mqtt__AllowAnonymous"));

            async Task<Dictionary<string, string>> EnvironmentAsync(string name)
            {
                var resource = builder.Resources.Single(resource => resource.Name == name);
                var context = new EnvironmentCallbackContext(builder.ExecutionContext, resource);
                foreach (var annotation in resource.Annotations.OfType<EnvironmentCallbackAnnotation>())
                {
                    await annotation.Callback(context);
                }

                return context.EnvironmentVariables.ToDictionary(variable => variable.Key, variable => $"{variable.Value}");
            }
        }
        finally
        {
            data.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task No_secret_is_in_a_process_title_a_log_a_trace_an_answer_or_readable_in_the_database()
    {
        const string MeterPassword = "password-of-a-meter";
        const string Meter = "/api/meters/004711";
        using var api = app.ApiClient();
        api.DefaultRequestHeaders.Authorization = new("Bearer", TaproomApp.AdminKey);
        using var tap = await api.PostAsJsonAsync("/api/taps", new { id = 91, name = "Bar right" });
        tap.EnsureSuccessStatusCode();
        using var made = await api.PostAsync("/api/taps/91/token", null);
        var token = (await made.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("token").GetString()!;
        // A meter that cannot be reached, and a token that is used for what it is not good for: what fails is what gets logged.
        using var meter = await api.PostAsJsonAsync(
            "/api/meters",
            new
            {
                id = "004711",
                kind = "json",
                address = "http://127.0.0.1:9/",
                user = "ann",
                password = MeterPassword,
                active = false,
            }
        );
        meter.EnsureSuccessStatusCode();
        using var poll = await api.PostAsync($"{Meter}/poll", null);
        using var asTap = new HttpClient { BaseAddress = api.BaseAddress, DefaultRequestHeaders = { Authorization = new("Bearer", token) } };
        await Eventually.TrueAsync(
            async () => (await asTap.PostAsJsonAsync("/api/beers", new { tapId = 91, volume = 473 })).StatusCode == HttpStatusCode.Created,
            "the token is good for a pour"
        );
        Assert.Equal(HttpStatusCode.Forbidden, (await asTap.PostAsJsonAsync("/api/beers", new { tapId = 92, volume = 473 })).StatusCode);

        string[] secrets = [TaproomApp.AdminKey, TaproomApp.PostgresPassword, MeterPassword, token];
        void Hidden(string where, string text) => Assert.All(secrets, secret => Assert.False(text.Contains(secret), $"{where} shows {secret}"));

        Assert.All(RunProcesses.Ids(), id => Hidden("a process title", RunProcesses.CommandLine(id) ?? ""));
        foreach (var path in (string[])["taps", "beers", "kegs", "meters", "messages", "events", "stats", "dead-letters", "taps/91", "meters/004711"])
        {
            Hidden(path, await api.GetStringAsync($"/api/{path}"));
        }

        foreach (var resource in app.App.Services.GetRequiredService<DistributedApplicationModel>().Resources)
        {
            await foreach (var lines in app.App.Services.GetRequiredService<ResourceLoggerService>().GetAllAsync(resource))
            {
                Assert.All(lines, line => Hidden($"the log of {resource.Name}", line.Content));
            }
        }

        using var dashboard = new HttpClient { BaseAddress = app.Dashboard.Address };
        var spans = await Eventually.ValueAsync(
            async () => await dashboard.GetStringAsync("/api/telemetry/traces?limit=10000") is var text && text.Contains("poll meter") ? text : null,
            "the spans of the calls"
        );
        Hidden("a trace", spans);
        Hidden("a log record", await dashboard.GetStringAsync("/api/telemetry/logs?limit=10000"));
        Hidden("the database", await DatabaseAsync());
    }

    // Every row of every table as text.
    private async Task<string> DatabaseAsync()
    {
        await using var source = NpgsqlDataSource.Create(await app.ConnectionStringAsync("taproomdb"));
        var tables = new List<string>();
        await using (var names = source.CreateCommand("SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public'"))
        await using (var reader = await names.ExecuteReaderAsync())
        {
            while (await reader.ReadAsync())
            {
                tables.Add(reader.GetString(0));
            }
        }

        Assert.Contains("meters", tables);
        var rows = new List<string?>();
        foreach (var table in tables)
        {
            await using var content = source.CreateCommand($"SELECT string_agg(t::text, chr(10)) FROM {table} t");
            rows.Add(await content.ExecuteScalarAsync() as string);
        }

        return string.Join('\n', rows);
    }

    private static IEnumerable<IPAddress> OwnAddresses() =>
        NetworkInterface
            .GetAllNetworkInterfaces()
            .SelectMany(network => network.GetIPProperties().UnicastAddresses)
            .Select(found => found.Address)
            .Where(address => !IPAddress.IsLoopback(address) && !address.IsIPv6LinkLocal);
}
