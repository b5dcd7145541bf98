using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Ingest.Api.Http;

/// <summary>The OpenAPI document <c>v1</c>: what the code alone does not tell.</summary>
internal static class OpenApi
{
    private const string Description = """
        Connected beer taps. Reads are public; writes need the admin key, the token of a user who has signed in
        (`POST /api/sessions`) and whose role allows it or, for its own pours, a tap's token.

        **Bodies** are strict JSON in UTF-8, 64 KiB at most (a batch or an import 4 MiB). A repeated member, NaN, nesting deeper than 32
        and a number that a double cannot hold (1e400) are 400; a longer number that it can hold keeps its digits. Unknown members are
        ignored, but refused in a webhook, a sale, a user and a session. Every error is a problem document (RFC 9457); `errors` names the member or parameter at fault.

        **Lists** have pages of 50, up to 500 with `page_size`; one of large items ends earlier, at a million characters. The header `Link` of a page leads to the next one. Answers to GET have an
        `ETag`; `If-None-Match` with it is answered 304 while nothing has changed.

        **Live**: the WebSockets `/sockets/beers`, `/sockets/messages` and `/sockets/events` send text frames only, from the moment they
        are open. Beers: `Tap with id 7 posted a new beer (id: X)!`, `Beer X deleted from the collection` and, after every tenth stored
        beer, `{"tap 1":"40.0%","tap 2":"60.0%","total beers":10}`; with `?tap=7` nothing of the pours of tap 7. Messages and events:
        `{"id":"X","payload":...}`. A listener that does not read is dropped.

        **Away**: when Redis or Postgres is away, 503 with `Retry-After` comes within two seconds. A write may have been done all the
        same: sent again with the same `id`, a beer counts once.
        """;

    /// <summary>Adds the document, with the bearer token that writes need.</summary>
    public static void AddTaproomOpenApi(this IServiceCollection services) =>
        services.AddOpenApi(openApi =>
        {
            openApi.AddDocumentTransformer(DescribeAsync);
            openApi.AddOperationTransformer(RequireTokenAsync);
            openApi.AddSchemaTransformer(DescribeAsync);
        });

    /// <summary>Gives an endpoint that has a body an example of it and, where its handler reads the bytes itself, the shape.</summary>
    /// <param name="builder">The endpoint.</param>
    /// <param name="example">A body that is accepted.</param>
    /// <param name="shape">What the handler reads; null where the framework binds it.</param>
    /// <param name="contentType">Its media type; an example of another than JSON stands as text.</param>
    public static RouteHandlerBuilder Takes(
        this RouteHandlerBuilder builder,
        [StringSyntax(StringSyntaxAttribute.Json)] string example,
        Type? shape = null,
        string contentType = "application/json"
    ) =>
        builder
            .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
            .AddOpenApiOperationTransformer(
                async (operation, context, cancellationToken) =>
                {
                    if (shape is not null)
                    {
                        var schema = await context.GetOrCreateSchemaAsync(shape, null, cancellationToken);
                        var content = new Dictionary<string, OpenApiMediaType> { [contentType] = new() { Schema = schema } };
                        operation.RequestBody = new OpenApiRequestBody { Required = true, Content = content };
                    }

                    foreach (var media in operation.RequestBody?.Content?.Values ?? [])
                    {
                        media.Example = contentType == "application/json" ? JsonNode.Parse(example) : JsonValue.Create(example);
                    }
                }
            );

    private static Task DescribeAsync(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellationToken)
    {
        document.Info.Title = "Taproom";
        document.Info.Description = Description;
        document.Components ??= new OpenApiComponents();
        document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
        {
            [BearerAuthentication.Scheme] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer" },
        };
        return Task.CompletedTask;
    }

    private static Task RequireTokenAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        if (context.Description.ActionDescriptor.EndpointMetadata.OfType<IAuthorizeData>().Any())
        {
            operation.Security =
            [
                new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(BearerAuthentication.Scheme, context.Document)] = [] },
            ];
        }

        return Task.CompletedTask;
    }

    // A type that has a converter of its own is a blank to the framework, and so are extensions of problem documents.
    private static Task DescribeAsync(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancellationToken)
    {
        var type = context.JsonTypeInfo.Type;
        if ((Nullable.GetUnderlyingType(type) ?? type) == typeof(DateTimeOffset))
        {
            schema.Type = type == typeof(DateTimeOffset) ? JsonSchemaType.String : JsonSchemaType.String | JsonSchemaType.Null;
        }
        else if ((Nullable.GetUnderlyingType(type) ?? type) == typeof(decimal))
        {
            (schema.Type, schema.Format) = (JsonSchemaType.Number, "double");
        }
        else if (type == typeof(ProblemDetails))
        {
            var words = new OpenApiSchema
            {
                Type = JsonSchemaType.Array,
                Items = new OpenApiSchema { Type = JsonSchemaType.String },
            };
            schema.Properties ??= new Dictionary<string, IOpenApiSchema>();
            schema.Properties["errors"] = new OpenApiSchema
            {
                Type = JsonSchemaType.Object,
                Description = "What is wrong with each member or parameter, by its name.",
                AdditionalProperties = words,
            };
        }

        return Task.CompletedTask;
    }
}
