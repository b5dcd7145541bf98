using System.Diagnostics;
using Mqtt.Bridge.Tests.Clients;

namespace Mqtt.Bridge.Tests;

/// <summary>Mosquitto's command line clients: MQTT clients that nobody here wrote.</summary>
internal static class Mosquitto
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <summary>Publishes one message and returns when mosquitto_pub has its acknowledgement.</summary>
    /// <returns>The exit code, and what it printed.</returns>
    public static async Task<(int ExitCode, string Output)> PublishAsync(int port, string topic, string payload, params string[] options)
    {
        using var process = Start("mosquitto_pub", [.. Address(port), "-t", topic, "-m", payload, .. options]);
        using var patience = new CancellationTokenSource(Patience);
        var output = process.StandardOutput.ReadToEndAsync(patience.Token);
        var error = process.StandardError.ReadToEndAsync(patience.Token);
        await process.WaitForExitAsync(patience.Token);
        return (process.ExitCode, await output + await error);
    }

    /// <summary>Starts mosquitto_sub, to be killed by the caller; what it prints shows when it exits.</summary>
    public static Process Subscribe(int port, string topic, params string[] options) =>
        Start("mosquitto_sub", [.. Address(port), "-t", topic, .. options]);

    private static string[] Address(int port) => ["-h", "127.0.0.1", "-p", port.ToString()];

    private static Process Start(string program, string[] arguments) => ForeignPrograms.Start(new ProcessStartInfo(program, arguments));
}
