using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Taproom.Api.Access;

namespace Taproom.Api;

/// <summary>Completes the OpenAPI document where the code alone does not tell enough.</summary>
internal static class OpenApiExtensions
{
    /// <summary>Adds the document <c>v1</c>, with the bearer token that writes need.</summary>
    public static void AddTaproomOpenApi(this IServiceCollection services) => services.AddOpenApi(openApi =>
    {
        openApi.AddDocumentTransformer(DescribeAsync);
        openApi.AddOperationTransformer(RequireTokenAsync);
        openApi.AddOperationTransformer(OpenApiParameters.DescribeAsync);
    });

    /// <summary>States the shape of the request's body; unlike <c>Accepts</c> it does not refuse other content types.</summary>
    /// <param name="builder">The endpoint, whose handler reads the bytes itself.</param>
    /// <param name="shape">What is read.</param>
    /// <param name="example">A body that is accepted.</param>
    /// <param name="contentType">Its media type; an example of another than JSON stands as text.</param>
    public static TBuilder Takes<TBuilder>(
        this TBuilder builder, Type shape, [StringSyntax(StringSyntaxAttribute.Json)] string example, string contentType = "application/json")
        where TBuilder : IEndpointConventionBuilder =>
        builder.ProducesProblem(400).ProducesProblem(413).AddOpenApiOperationTransformer(async (operation, context, cancellationToken) =>
            operation.RequestBody = new OpenApiRequestBody
            {
                Required = true,
                Content = new Dictionary<string, OpenApiMediaType>
                {
                    [contentType] = new()
                    {
                        Schema = await context.GetOrCreateSchemaAsync(shape, null, cancellationToken),
                        Example = contentType == "application/json" ? JsonNode.Parse(example) : JsonValue.Create(example),
                    },
                },
            });

    private static Task DescribeAsync(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellationToken)
    {
        document.Info.Title = "Taproom";
        document.Info.Description = "Connected beer taps. Reads are public; writes need the admin key or, for its own pours, a tap's token.";
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
}
