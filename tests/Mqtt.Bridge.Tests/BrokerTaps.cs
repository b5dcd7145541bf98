using System.Diagnostics;
using Testing;

namespace Mqtt.Bridge.Tests;

/// <summary>A broker and the taps behind it, played by mosquitto's own clients.</summary>
internal sealed class BrokerTaps : IAsyncLifetime
{
    private readonly List<Process> _listeners = [];

    /// <summary>The broker.</summary>
    public MosquittoBroker Broker { get; } = new();

    public Task InitializeAsync() => Broker.InitializeAsync();

    /// <summary>Publishes a message with QoS 1 and returns when the broker has it.</summary>
    public async Task PublishAsync(string topic, string payload, string version = "5", params string[] options)
    {
        var (exitCode, output) = await Mosquitto.PublishAsync(Broker.Port, topic, payload, ["-V", version, "-q", "1", .. options]);
        Assert.True(exitCode == 0, output);
    }

    /// <summary>Publishes a message for each line, as fast as the broker takes them.</summary>
    public async Task PublishLinesAsync(string topic, string qos, IEnumerable<string> lines)
    {
        using var publisher = Process.Start(
            new ProcessStartInfo("mosquitto_pub", ["-h", "127.0.0.1", "-p", $"{Broker.Port}", "-V", "5", "-q", qos, "-t", topic, "-l"])
            {
                RedirectStandardInput = true,
            }
        )!;
        foreach (var line in lines)
        {
            await publisher.StandardInput.WriteLineAsync(line);
        }

        publisher.StandardInput.Close();
        await publisher.WaitForExitAsync(Deadline());
    }

    /// <summary>Has the broker retain the status of a tap.</summary>
    public Task SayAsync(int tap, string status) => PublishAsync($"taps/{tap}/status", status, options: "-r");

    /// <summary>Starts a listener, which lives as long as this.</summary>
    public Process Listen(string topic, params string[] options)
    {
        var listener = Mosquitto.Subscribe(Broker.Port, topic, options);
        _listeners.Add(listener);
        return listener;
    }

    /// <summary>Does something again and again until a listener has heard of it: nobody tells when it has subscribed.</summary>
    public static async Task HeardAsync(Process listener, Func<Task> again)
    {
        var line = listener.StandardOutput.ReadLineAsync(Deadline()).AsTask();
        await Eventually.TrueAsync(
            async () =>
            {
                await again();
                return line.IsCompleted;
            },
            "mosquitto_sub hears"
        );
        Assert.NotNull(await line);
    }

    /// <summary>A generous deadline for what has begun.</summary>
    public static CancellationToken Deadline() => new CancellationTokenSource(TimeSpan.FromMinutes(1)).Token;

    public Task DisposeAsync()
    {
        foreach (var listener in _listeners)
        {
            listener.Kill();
            listener.Dispose();
        }

        return Broker.DisposeAsync();
    }
}
