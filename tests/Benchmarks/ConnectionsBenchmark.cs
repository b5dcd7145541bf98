using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using MQTTnet;
using MQTTnet.Protocol;
using Taproom.Taps;
using Testing;

namespace Benchmarks;

/// <summary>Ten thousand taps, each with its token, connected to one bridge for two minutes, with a pour of each meanwhile.</summary>
internal static class ConnectionsBenchmark
{
    private const int Taps = 10_000;
    private const int AtOnce = 64;
    private static readonly TimeSpan StayFor = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan SampleEvery = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static async Task RunAsync(Servers servers)
    {
        await using var host = await Host.CreateAsync(servers);
        var tokens = Enumerable.Range(1, Taps).ToDictionary(tap => tap, TapTokens.Create);
        await host.Services.GetRequiredService<TapTokens>().LoadAsync(tokens.ToDictionary(tap => tap.Key, tap => TapTokens.Hash(tap.Value)));

        var address = $"http://127.0.0.1:{LocalServer.FreePort()}";
        var port = LocalServer.FreePort();
        await using var bridge = ServiceProcess.Start(
            "Mqtt.Bridge",
            new Dictionary<string, string?>
            {
                ["ConnectionStrings:redis"] = host.Configuration["ConnectionStrings:redis"],
                ["Ingest:Prefix"] = host.Configuration["Ingest:Prefix"],
                ["Mqtt:Port"] = port.ToString(CultureInfo.InvariantCulture),
                // All of them have the one address of this machine.
                ["Mqtt:MaxConnectionsPerAddress"] = (2 * Taps).ToString(CultureInfo.InvariantCulture),
                ["ASPNETCORE_URLS"] = address,
            }
        );
        await ServiceProcess.HealthyAsync(address);

        var watch = Stopwatch.StartNew();
        var clients = new IMqttClient[Taps];
        await Parallel.ForEachAsync(
            tokens,
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce },
            async (tap, _) => clients[tap.Key - 1] = await ConnectAsync(port, tap.Key, tap.Value)
        );
        Console.WriteLine($"{Taps:N0} taps are connected after {watch.Elapsed.TotalSeconds:0.0} s, bridge {MemoryMb(bridge)} MB");

        watch.Restart();
        var pours = PourAsync(clients);
        var most = 0L;
        while (watch.Elapsed < StayFor)
        {
            await Task.Delay(SampleEvery);
            most = Math.Max(most, MemoryMb(bridge));
        }

        await pours;
        Console.WriteLine(
            $"{clients.Count(client => client.IsConnected):N0} of them are still connected after {watch.Elapsed.TotalSeconds:0} s, bridge at most {most} MB"
        );
        foreach (var client in clients)
        {
            client.Dispose();
        }
    }

    private static async Task<IMqttClient> ConnectAsync(int port, int tap, string token)
    {
        var client = new MqttClientFactory().CreateMqttClient();
        using var patience = new CancellationTokenSource(Patience);
        var name = tap.ToString(CultureInfo.InvariantCulture);
        await client.ConnectAsync(
            new MqttClientOptionsBuilder()
                .WithTcpServer("127.0.0.1", port)
                .WithTlsOptions(tls => tls.UseTls(false))
                .WithClientId($"tap-{name}")
                .WithCredentials(name, token)
                .WithKeepAlivePeriod(TimeSpan.FromSeconds(30))
                .Build(),
            patience.Token
        );
        await client.SubscribeAsync($"taps/{name}/receipts", MqttQualityOfServiceLevel.AtLeastOnce, patience.Token);
        return client;
    }

    /// <summary>One pour of each tap, one after the other.</summary>
    private static async Task PourAsync(IMqttClient[] clients)
    {
        foreach (var (n, client) in clients.Index())
        {
            using var patience = new CancellationTokenSource(Patience);
            var result = await client.PublishAsync(
                new MqttApplicationMessageBuilder()
                    .WithTopic($"taps/{n + 1}/pours")
                    .WithPayload("""{"volume":473}""")
                    .WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce)
                    .Build(),
                patience.Token
            );
            if (!result.IsSuccess)
            {
                throw new InvalidOperationException($"A pour was refused: {result.ReasonCode}.");
            }
        }
    }

    private static long MemoryMb(ServiceProcess bridge)
    {
        using var process = Process.GetProcessById(bridge.Id);
        return process.WorkingSet64 / (1024 * 1024);
    }
}
