using System.Text.Json;
using Testing;

namespace Mqtt.Bridge.Tests;

/// <summary>docs/asyncapi.yaml, as the parser of the AsyncAPI initiative reads it.</summary>
internal static class AsyncApiDocument
{
    private static readonly Lazy<JsonElement> Parsed = new(() => NodeScript.Read("eng/asyncapi.mjs", "docs/asyncapi.yaml"));

    /// <summary>The operations.</summary>
    public static IReadOnlyList<Operation> Operations =>
        [.. Parsed.Value.GetProperty("operations").EnumerateObject().Select(operation => new Operation(operation.Value))];

    /// <summary>The operation that has a topic.</summary>
    public static Operation Of(string topic) => Operations.Single(operation => operation.Topic == topic);

    /// <summary>An operation, with its one message.</summary>
    internal sealed record Operation(JsonElement Json)
    {
        private JsonElement Channel => Json.GetProperty("channel");

        /// <summary>The message.</summary>
        public JsonElement Message => Channel.GetProperty("messages").EnumerateObject().Single().Value;

        /// <summary>Whether taps send it.</summary>
        public bool IsReceived => Json.GetProperty("action").GetString() == "receive";

        /// <summary>Its topic, for tap 7.</summary>
        public string Topic => Channel.GetProperty("address").GetString()!.Replace("{tapId}", "7");

        /// <summary>Its QoS.</summary>
        public int Qos => Json.GetProperty("bindings").GetProperty("mqtt").GetProperty("qos").GetInt32();

        /// <summary>Whether it is retained.</summary>
        public bool IsRetained => Json.GetProperty("bindings").GetProperty("mqtt").GetProperty("retain").GetBoolean();

        /// <summary>Its examples by name.</summary>
        public IReadOnlyDictionary<string, JsonElement> Examples =>
            Message.GetProperty("examples").EnumerateArray().ToDictionary(example => example.GetProperty("name").GetString()!);
    }
}
