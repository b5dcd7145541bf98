using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http.HttpResults;
using YamlDotNet.Serialization;

namespace Ingest.Api.Http;

/// <summary>The MQTT contract for machines and for people: docs/asyncapi.yaml as it is, and a plain page made of it.</summary>
/// <remarks>The page of the AsyncAPI initiative itself would bring two and a half megabytes of script.</remarks>
internal static class AsyncApi
{
    /// <summary>Where the document is.</summary>
    public const string Path = "/asyncapi.yaml";

    private static readonly Lazy<string> Yaml = new(Read);
    private static readonly Lazy<string> Page = new(() => new AsyncApiPage(Parse(Yaml.Value)).Html);

    /// <summary>Maps <c>GET /asyncapi.yaml</c>, the document, and <c>GET /asyncapi</c>, the page.</summary>
    public static void MapAsyncApi(this IEndpointRouteBuilder routes)
    {
        routes.MapGet(Path, GetDocument).ExcludeFromDescription();
        routes.MapGet("/asyncapi", GetPage).ExcludeFromDescription();
    }

    private static ContentHttpResult GetDocument() => TypedResults.Text(Yaml.Value, "application/yaml", Encoding.UTF8);

    private static ContentHttpResult GetPage() => TypedResults.Text(Page.Value, "text/html", Encoding.UTF8);

    private static string Read()
    {
        using var reader = new StreamReader(typeof(AsyncApi).Assembly.GetManifestResourceStream("asyncapi.yaml")!);
        return reader.ReadToEnd();
    }

    private static JsonNode Parse(string yaml) =>
        JsonSerializer.SerializeToNode(new DeserializerBuilder().WithAttemptingUnquotedStringTypeDeserialization().Build().Deserialize(yaml))!;
}
