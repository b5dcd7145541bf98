using System.ComponentModel;
using System.Diagnostics;
using Testing;

namespace Mqtt.Bridge.Tests.Clients;

/// <summary>How the programs of the foreign clients are started, and what to do where one is missing.</summary>
internal static class ForeignPrograms
{
    /// <summary>Where MQTT.js is installed.</summary>
    public static readonly string MqttJs = Path.Combine(LocalServer.Repository, "artifacts/tools/mqttjs");

    /// <summary>A script for Debian's Python, which is the one that finds Debian's paho; another may come first in the path.</summary>
    public static ProcessStartInfo Python(string script) => new("/usr/bin/python3", [script]);

    /// <summary>A script for Node.js, in the folder of MQTT.js.</summary>
    public static ProcessStartInfo Node(string script) =>
        Directory.Exists(Path.Combine(MqttJs, "node_modules/mqtt"))
            ? new ProcessStartInfo("node", [script]) { WorkingDirectory = MqttJs }
            : throw new InvalidOperationException("MQTT.js is needed: ./test installs it, or npm install --prefix artifacts/tools/mqttjs mqtt@5.");

    /// <summary>Starts a program with its output redirected.</summary>
    /// <exception cref="InvalidOperationException">It is not installed.</exception>
    public static Process Start(ProcessStartInfo start)
    {
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception ex)
        {
            throw new InvalidOperationException(
                $"{start.FileName} is needed: install Debian's mosquitto-clients and python3-paho-mqtt, and Node.js 20 or later.",
                ex
            );
        }
    }
}
