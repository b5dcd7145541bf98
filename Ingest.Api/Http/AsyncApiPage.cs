using System.Net;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Ingest.Api.Http;

/// <summary>The page of an AsyncAPI document, as far as docs/asyncapi.yaml uses what there can be in one.</summary>
/// <param name="document">The document.</param>
internal sealed partial class AsyncApiPage(JsonNode document)
{
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private const string Head = """
        <!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
        <title>Taproom over MQTT</title><style>
        :root { color-scheme: light dark } body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
        pre { font: 14px/1.4 ui-monospace, monospace; white-space: pre-wrap; overflow-wrap: anywhere } table { border-collapse: collapse; width: 100% }
        th, td { text-align: left; vertical-align: top; padding: .2rem .6rem .2rem 0; border-bottom: 1px solid #8886 } code { overflow-wrap: anywhere }
        td:first-child { min-width: 8rem }
        </style></head><body><main>
        """;

    private readonly StringBuilder _html = new(Head);

    /// <summary>The page.</summary>
    public string Html
    {
        get
        {
            var info = document["info"]!;
            Add(
                $"<h1>{Text(info["title"])}</h1><p>For machines: <a href=\"{AsyncApi.Path}\">{AsyncApi.Path}</a>, AsyncAPI {Text(document["asyncapi"])}.</p>"
            );
            Add($"{Prose(info["description"])}<h2>Servers</h2><ul>");
            foreach (var (_, server) in document["servers"]!.AsObject())
            {
                Add(
                    $"<li><code>{Text(server!["protocol"])} {Text(server["host"])}{Text(server["pathname"])}</code> {Marked(server["description"])}</li>"
                );
            }

            Add("</ul>");
            foreach (var (_, operation) in document["operations"]!.AsObject())
            {
                AddOperation(operation!);
            }

            return _html.Append("</main></body></html>").ToString();
        }
    }

    private void AddOperation(JsonNode operation)
    {
        var (channel, mqtt) = (Resolve(operation["channel"]!), operation["bindings"]!["mqtt"]!);
        var way = Text(operation["action"]) == "receive" ? "Tap to Taproom" : "Taproom to tap";
        var retained = (bool)mqtt["retain"]! ? ", retained" : "";
        Add($"<h2>{Text(operation["title"])}</h2><p><code>{Text(channel["address"])}</code> {way}, QoS {Text(mqtt["qos"])}{retained}.");
        Add($"{Text(operation["summary"])}</p>{Prose(operation["description"])}");
        foreach (var (_, reference) in channel["messages"]!.AsObject())
        {
            var message = Resolve(reference!);
            AddMembers(Resolve(message["payload"]!));
            foreach (var example in message["examples"]!.AsArray().OfType<JsonNode>())
            {
                var answer = message["x-answers"]?[(string)example["name"]!];
                Add(
                    $"<h3>Example: {Text(example["name"])}</h3><p>{Text(example["summary"])}</p>{Json(example["headers"])}{Json(example["payload"])}"
                );
                AddAnswer(answer);
            }

            AddRefused(message["x-refused"]?.AsArray() ?? []);
        }
    }

    private void AddMembers(JsonNode payload)
    {
        var required = payload["required"]?.AsArray().Select(name => (string)name!).ToHashSet() ?? [];
        Add($"<p>{Marked(payload["description"])}</p><table><thead><tr><th>Member</th><th>Type</th><th>Meaning</th></tr></thead><tbody>");
        foreach (var (name, member) in payload["properties"]?.AsObject() ?? [])
        {
            var schema = Resolve(member!["oneOf"]?[0] ?? member!);
            var bounds = (schema["minimum"], schema["maximum"]) switch
            {
                (null, _) => "",
                (var least, null) => $" from {Text(least)}",
                var (least, most) => $" {Text(least)} to {Text(most)}",
            };
            var optional = required.Contains(name) ? "" : ", optional";
            var type = schema["format"] ?? (schema["type"] is JsonArray types ? types[0] : schema["type"]) ?? "any";
            Add($"<tr><td><code>{Encode(name)}</code></td><td>{Text(type)}{bounds}{optional}</td><td>{Marked(schema["description"])}</td></tr>");
        }

        Add("</tbody></table>");
    }

    private void AddAnswer(JsonNode? answer)
    {
        Add(answer is null ? "" : $"<p>PUBACK {ReasonCode(answer)}.</p><ul>");
        foreach (var message in answer?["published"]?.AsArray().OfType<JsonNode>() ?? [])
        {
            var payload = Encode(message["payload"]!.ToJsonString(Plain));
            Add($"<li>To tap {Text(message["to"])}, <code>{Text(message["topic"])}</code>: <code>{payload}</code></li>");
        }

        Add(answer is null ? "" : "</ul>");
    }

    private void AddRefused(JsonArray refused)
    {
        Add(refused.Count == 0 ? "" : "<h3>Refused</h3><table><thead><tr><th>Payload</th><th>PUBACK</th><th>Reason</th></tr></thead><tbody>");
        foreach (var item in refused)
        {
            var topic = item!["topic"] is { } other ? $"{Text(other)} " : "";
            Add($"<tr><td><code>{topic}{Text(item["payload"])}</code></td><td>{ReasonCode(item)}</td><td>{Text(item["reason"])}</td></tr>");
        }

        Add(refused.Count == 0 ? "" : "</tbody></table>");
    }

    private JsonNode Resolve(JsonNode node)
    {
        while (node is JsonObject && node["$ref"] is { } reference)
        {
            node = ((string)reference!).Split('/').Skip(1).Aggregate(document, (found, name) => found[name]!);
        }

        return node;
    }

    private void Add(string html) => _html.Append(html).Append('\n');

    private static string Json(JsonNode? node) => node is null ? "" : $"<pre>{Encode(node.ToJsonString(Indented))}</pre>";

    private static string ReasonCode(JsonNode answer) => $"0x{(int)answer["reasonCode"]!:X2}";

    private static string Text(JsonNode? node) => Encode($"{node}");

    // Paragraphs, words in bold and code: all of Markdown that the document has.
    private static string Prose(JsonNode? text) =>
        text is null ? "" : string.Concat($"{text}".Split("\n\n").Select(paragraph => $"<p>{Marked(JsonValue.Create(paragraph))}</p>"));

    private static string Marked(JsonNode? text) => Code().Replace(Bold().Replace(Text(text), "<strong>$1</strong>"), "<code>$1</code>");

    private static string Encode(string text) => WebUtility.HtmlEncode(text);

    [GeneratedRegex(@"\*\*(.+?)\*\*")]
    private static partial Regex Bold();

    [GeneratedRegex("`(.+?)`")]
    private static partial Regex Code();
}
