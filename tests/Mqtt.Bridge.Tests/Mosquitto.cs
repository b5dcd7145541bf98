using System.Diagnostics;
using Mqtt.Bridge.Tests.Clients;

namespace Mqtt.Bridge.Tests;

/// <summary>Mosquitto's command line clients: MQTT clients that nobody here wrote.</summary>
internal static class Mosquitto
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <summary>Publishes one message and returns when mosquitto_pub has its acknowledgement.</summary>
    /// <param name="port">Of the broker.</param>
    /// <param name="topic">The topic.</param>
    /// <param name="payload">The payload.</param>
    /// <param name="options">One or more in each, with spaces between, as on a command line.</param>
    /// <returns>The exit code, and what it printed.</returns>
    public static async Task<(int ExitCode, string Output)> PublishAsync(int port, string topic, string payload, params string[] options)
    {
        using var process = Start(
            "mosquitto_pub",
            [.. Address(port), "-t", topic, "-m", payload, .. options.SelectMany(option => option.Split(' '))]
        );
        using var patience = new CancellationTokenSource(Patience);
        var output = process.StandardOutput.ReadToEndAsync(patience.Token);
        var error = process.StandardError.ReadToEndAsync(patience.Token);
        await process.WaitForExitAsync(patience.Token);
        return (process.ExitCode, await output + await error);
    }

    /// <summary>Writes a file of passwords for a broker: the same for each user.</summary>
    public static async Task WritePasswordsAsync(string path, string password, params string[] users)
    {
        await File.WriteAllTextAsync(path, "");
        foreach (var user in users)
        {
            using var adding = Process.Start("mosquitto_passwd", ["-b", path, user, password]);
            await adding.WaitForExitAsync();
            Assert.Equal(0, adding.ExitCode);
        }
    }

    /// <summary>Starts mosquitto_sub, to be killed by the caller; what it prints shows when it exits.</summary>
    public static Process Subscribe(int port, string topic, params string[] options) =>
        Start("mosquitto_sub", [.. Address(port), "-t", topic, .. options]);

    private static string[] Address(int port) => ["-h", "127.0.0.1", "-p", port.ToString()];

    private static Process Start(string program, string[] arguments) => ForeignPrograms.Start(new ProcessStartInfo(program, arguments));
}
