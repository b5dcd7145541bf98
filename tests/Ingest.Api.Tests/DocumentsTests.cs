using System.Net;
using Taproom.Testing;

namespace Ingest.Api.Tests;

[Collection(nameof(ServersCollection))]
public sealed class DocumentsTests(Servers servers)
{
    [Fact]
    public async Task The_OpenApi_document_names_every_call_and_the_shape_of_bodies()
    {
        var api = await Api.SharedAsync(servers);
        var document = await api.GetAsync("/openapi/v1.json");
        var paths = document.GetProperty("paths");
        var post = paths.GetProperty("/api/beers").GetProperty("post");
        Assert.Equal("PostBeer", post.GetProperty("operationId").GetString());
        Assert.True(post.GetProperty("requestBody").GetProperty("content").TryGetProperty("application/json", out _));
        Assert.All(paths.EnumerateObject().SelectMany(path => path.Value.EnumerateObject()), operation =>
            Assert.True(operation.Value.TryGetProperty("operationId", out _), operation.Value.GetRawText()));
    }

    [Fact]
    public async Task Swagger_UI_is_at_api()
    {
        var api = await Api.SharedAsync(servers);
        using var response = await api.Anonymous.GetAsync("/api");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Contains("swagger-ui", await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Health_is_told_in_the_known_words()
    {
        var api = await Api.SharedAsync(servers);
        Assert.Equal("""{"status":"healthy"}""", (await api.GetAsync("/api/healthz")).GetRawText());
        Assert.Equal("Healthy", await api.Anonymous.GetStringAsync("/health"));
    }
}
