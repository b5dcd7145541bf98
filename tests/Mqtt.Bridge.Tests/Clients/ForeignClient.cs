namespace Mqtt.Bridge.Tests.Clients;

/// <summary>An MQTT client that nobody here wrote, in one version of the protocol.</summary>
/// <param name="Name">As the tests show it.</param>
/// <param name="Version">5, or 4 for MQTT 3.1.1, as CONNECT has it.</param>
/// <param name="Run">Has it carry a command out.</param>
internal sealed record ForeignClient(string Name, int Version, Func<ForeignCommand, ForeignConnection> Run)
{
    /// <summary>A code as this version of the protocol has it.</summary>
    public int Code(int v5, int v311) => Version == 5 ? v5 : v311;

    /// <summary>Connects, publishes, and goes with a goodbye.</summary>
    /// <returns>The code of its refusal; 0 for none.</returns>
    public async Task<int> PublishAsync(
        TestBridge bridge,
        string user,
        string password,
        string topic,
        string payload,
        int qos = 1,
        bool retain = false,
        string? clientId = null
    ) =>
        await Run(new ForeignCommand(bridge.Port, Version, clientId ?? NewId(), user, password, topic, payload, qos, retain, Will: null))
            .AnsweredAsync();

    /// <summary>Connects and subscribes.</summary>
    public ForeignConnection Listen(TestBridge bridge, string user, string password, string filter, string? will = null, string? clientId = null) =>
        Run(new ForeignCommand(bridge.Port, Version, clientId ?? NewId(), user, password, filter, Payload: null, Qos: 1, Retain: false, will));

    private static string NewId() => $"{Guid.NewGuid():N}";
}
