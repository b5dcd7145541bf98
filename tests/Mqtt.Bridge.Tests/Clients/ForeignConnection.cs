using System.Collections.Concurrent;
using System.Text.Json;

namespace Mqtt.Bridge.Tests.Clients;

/// <summary>What a foreign client is to do over a connection of its own: publish once, or subscribe and listen.</summary>
/// <param name="Port">The bridge's port.</param>
/// <param name="Version">5, or 4 for MQTT 3.1.1, as CONNECT has it.</param>
/// <param name="ClientId">Its client id.</param>
/// <param name="User">Its user name.</param>
/// <param name="Password">Its password.</param>
/// <param name="Topic">Where it publishes, or the filter that it subscribes to with QoS 1.</param>
/// <param name="Payload">What it publishes; null to listen.</param>
/// <param name="Qos">With which quality of service it publishes.</param>
/// <param name="Retain">Whether what it publishes is to be retained.</param>
/// <param name="Will">The topic of its will, <c>offline</c>, QoS 1, retained; null for none.</param>
internal sealed record ForeignCommand(
    int Port,
    int Version,
    string ClientId,
    string User,
    string Password,
    string Topic,
    string? Payload,
    int Qos,
    bool Retain,
    string? Will
);

/// <summary>A message that a foreign client has heard.</summary>
internal sealed record ForeignMessage(string Topic, string Payload, bool Retained)
{
    /// <summary>Its payload, where that is JSON.</summary>
    public JsonElement Json => JsonDocument.Parse(Payload).RootElement;

    /// <summary>The ids of a receipt.</summary>
    public string[] Ids => Json.GetProperty("ids").Deserialize<string[]>()!;
}

/// <summary>A connection that a foreign client was told to make. When it is disposed of, its socket goes without a goodbye.</summary>
internal sealed class ForeignConnection(Action drop) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly TaskCompletionSource<int> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ConcurrentQueue<ForeignMessage> _messages = new();
    private int _dropped;

    /// <summary>The code of the CONNACK that refused it, else that of the SUBACK or PUBACK; 0 when all went well.</summary>
    public Task<int> AnsweredAsync() => _answer.Task.WaitAsync(Patience);

    /// <summary>What it has heard.</summary>
    public IReadOnlyCollection<ForeignMessage> Messages => _messages;

    /// <summary>Closes its socket without a goodbye.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _dropped, 1) == 0)
        {
            drop();
        }
    }

    /// <summary>It has its answer.</summary>
    public void Answered(int code) => _answer.TrySetResult(code);

    /// <summary>It ended without an answer.</summary>
    public void Failed(string error) => _answer.TrySetException(new InvalidOperationException(error));

    /// <summary>It has heard a message.</summary>
    public void Heard(ForeignMessage message) => _messages.Enqueue(message);
}
