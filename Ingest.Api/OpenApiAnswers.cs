using Ingest.Api.Answers;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Ingest.Api;

/// <summary>Tells what every answer has beside its body, and of which type the code's own converters make values.</summary>
internal static class OpenApiAnswers
{
    /// <summary>Completes the answers of an operation.</summary>
    public static Task DescribeAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        var answers = operation.Responses ??= [];
        if (
            context.Description.HttpMethod == HttpMethods.Get
            && !context.Description.ActionDescriptor.EndpointMetadata.OfType<ConditionalGet.Unbuffered>().Any()
        )
        {
            answers["304"] = new OpenApiResponse { Description = "Unchanged since the answer with the ETag that If-None-Match names." };
            Add(answers, "200", "ETag", "For If-None-Match.");
            if (operation.Parameters?.Any(parameter => parameter.Name is "after") is true)
            {
                Add(answers, "200", "Link", "Leads to the next page, with rel=\"next\" (RFC 8288); absent at the end of the list.");
            }
        }

        Add(answers, "201", "Location", "Where it can be read.");
        Add(answers, "429", "Retry-After", "Seconds after which to try again.");
        Add(answers, "503", "Retry-After", "Seconds after which to try again.");
        return Task.CompletedTask;
    }

    /// <summary>Completes the schema of a type.</summary>
    public static Task DescribeAsync(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancellationToken)
    {
        var type = context.JsonTypeInfo.Type;
        if ((Nullable.GetUnderlyingType(type) ?? type) == typeof(DateTimeOffset))
        {
            schema.Type = type == typeof(DateTimeOffset) ? JsonSchemaType.String : JsonSchemaType.String | JsonSchemaType.Null;
        }
        else if (type == typeof(ProblemDetails))
        {
            (schema.Properties ??= new Dictionary<string, IOpenApiSchema>())["errors"] = new OpenApiSchema
            {
                Type = JsonSchemaType.Object,
                Description = "What is wrong with each member or parameter, by its name.",
                AdditionalProperties = new OpenApiSchema
                {
                    Type = JsonSchemaType.Array,
                    Items = new OpenApiSchema { Type = JsonSchemaType.String },
                },
            };
        }

        return Task.CompletedTask;
    }

    private static void Add(OpenApiResponses answers, string status, string header, string description)
    {
        if (answers.TryGetValue(status, out var answer) && answer is OpenApiResponse response)
        {
            (response.Headers ??= new Dictionary<string, IOpenApiHeader>())[header] = new OpenApiHeader
            {
                Description = description,
                Schema = new OpenApiSchema { Type = JsonSchemaType.String },
            };
        }
    }
}
