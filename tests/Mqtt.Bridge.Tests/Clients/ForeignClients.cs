using Testing;

namespace Mqtt.Bridge.Tests.Clients;

/// <summary>The clients that nobody here wrote: Mosquitto's, Eclipse paho's for Python, and MQTT.js.</summary>
public sealed class ForeignClients : IDisposable
{
    private static readonly string Scripts = Path.Combine(LocalServer.Repository, "tests/Mqtt.Bridge.Tests/Clients");

    private readonly Lazy<ScriptDriver> _paho = new(() => new ScriptDriver(ForeignPrograms.Python(Path.Combine(Scripts, "paho_driver.py"))));
    private readonly Lazy<ScriptDriver> _mqttJs = new(() => new ScriptDriver(ForeignPrograms.Node(Path.Combine(Scripts, "mqttjs_driver.mjs"))));

    /// <summary>Their names, with the version that they speak.</summary>
    public static TheoryData<string> Names => ["mosquitto 3.1.1", "mosquitto 5", "paho 3.1.1", "paho 5", "MQTT.js 3.1.1", "MQTT.js 5"];

    /// <summary>Finds one by its name.</summary>
    internal ForeignClient this[string name] =>
        name.Split(' ') switch
        {
            [var program, var version] => new ForeignClient(
                name,
                version == "5" ? 5 : 4,
                program switch
                {
                    "mosquitto" => MosquittoDriver.Run,
                    "paho" => _paho.Value.Run,
                    _ => _mqttJs.Value.Run,
                }
            ),
            _ => throw new ArgumentException($"There is no client '{name}'.", nameof(name)),
        };

    /// <inheritdoc />
    public void Dispose()
    {
        foreach (var driver in (Lazy<ScriptDriver>[])[_paho, _mqttJs])
        {
            if (driver.IsValueCreated)
            {
                driver.Value.Dispose();
            }
        }
    }
}
