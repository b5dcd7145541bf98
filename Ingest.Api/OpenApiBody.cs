using Microsoft.OpenApi;

namespace Taproom.Api;

/// <summary>Documents the bodies of handlers that read the bytes themselves.</summary>
internal static class OpenApiBody
{
    /// <summary>States the shape of the request's JSON body; unlike <c>Accepts</c> it does not refuse other content types.</summary>
    public static TBuilder Takes<TBuilder>(this TBuilder builder, Type shape, string contentType = "application/json")
        where TBuilder : IEndpointConventionBuilder =>
        builder.AddOpenApiOperationTransformer(async (operation, context, cancellationToken) =>
            operation.RequestBody = new OpenApiRequestBody
            {
                Required = true,
                Content = new Dictionary<string, OpenApiMediaType>
                {
                    [contentType] = new() { Schema = await context.GetOrCreateSchemaAsync(shape, null, cancellationToken) },
                },
            });
}
