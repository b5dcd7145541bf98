using System.Text.Json.Nodes;
using Ingest.Api.Lists;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Taproom.Pours;

namespace Ingest.Api;

/// <summary>Tells of which type the parameters of query strings are: the code reads them as text, to refuse a wrong one by name.</summary>
internal static class OpenApiParameters
{
    private static readonly Dictionary<string, Func<(OpenApiSchema Schema, string Description)>> Known = new()
    {
        ["page"] = () => (Whole(), "The page, from 1; not together with 'after'."),
        ["page_size"] = () => (Whole(ListPage.MaxSize), "Most items of the answer."),
        ["after"] = () => (Text(), "Where the list goes on: what the Link header of the page before says."),
        ["tap"] = () => (Whole(), "The id of a tap."),
        ["type"] = () =>
            (Text(), $"A glass type: {string.Join(", ", Enum.GetValues<GlassType>().Select(type => type.Name()))}; of any other there are none."),
        ["from"] = () => (Text(), "This RFC 3339 time or later; of a date alone, its first instant in UTC."),
        ["to"] = () => (Text(), "Before this RFC 3339 time; of a date alone, its first instant in UTC."),
        ["from_date"] = () => (Text(), "Created on this day or later, in UTC: MM-DD-YYYY, a date or time of RFC 3339."),
        ["sort"] = () => (OneOf("timestamp", "-timestamp"), "-timestamp: newest first; else in the order of insertion."),
        ["format"] = () => (OneOf("csv", "jsonl"), "The form of the file."),
        ["email"] = () => (Text(), "Exactly this address."),
        ["environment"] = () => (Text(), "Exactly this environment."),
        ["component"] = () => (Text(), "Exactly this component."),
        ["message"] = () => (Text(), "A part of the message."),
    };

    /// <summary>Completes the parameters of an operation.</summary>
    public static Task DescribeAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        foreach (var parameter in (operation.Parameters ?? []).OfType<OpenApiParameter>().Where(parameter => parameter.In is ParameterLocation.Query))
        {
            if (parameter.Name is { } name && Known.TryGetValue(name.ToLowerInvariant(), out var describe))
            {
                (var schema, parameter.Description) = describe();
                (parameter.Name, parameter.Schema) = (name.ToLowerInvariant(), schema);
                parameter.Required = name is "format";
            }
        }

        return Task.CompletedTask;
    }

    private static OpenApiSchema Text() => new() { Type = JsonSchemaType.String };

    private static OpenApiSchema Whole(int max = int.MaxValue) =>
        new()
        {
            Type = JsonSchemaType.Integer,
            Format = "int32",
            Minimum = "1",
            Maximum = $"{max}",
        };

    private static OpenApiSchema OneOf(params IEnumerable<string> names) =>
        new() { Type = JsonSchemaType.String, Enum = [.. names.Select(name => (JsonNode)JsonValue.Create(name)!)] };
}
