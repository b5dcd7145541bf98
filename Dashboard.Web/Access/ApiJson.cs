using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Dashboard.Web.Access;

/// <summary>Reads what Ingest.Api answers.</summary>
internal static class ApiJson
{
    /// <summary>How bodies are written: camel case, and nothing for what is null.</summary>
    public static JsonSerializerOptions Options { get; } =
        new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    /// <summary>Reads an answer.</summary>
    /// <exception cref="JsonException">The body is not what the API promises.</exception>
    public static async Task<ApiAnswer<T>> ReadAsync<T>(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var bytes = await response.Content.ReadAsByteArrayAsync(cancellationToken);
        var etag = response.Headers.ETag?.ToString();
        if (!response.IsSuccessStatusCode)
        {
            return new ApiAnswer<T>(response.StatusCode, default, etag, ProblemOf(response.StatusCode, bytes), null);
        }

        var value = bytes.Length == 0 ? default : JsonSerializer.Deserialize<T>(bytes, Options);
        return new ApiAnswer<T>(response.StatusCode, value, etag, null, NextOf(response));
    }

    private static string ProblemOf(HttpStatusCode status, byte[] body)
    {
        try
        {
            using var problem = JsonDocument.Parse(body);
            return problem.RootElement.GetProperty("detail").GetString()!;
        }
        catch (Exception ex) when (ex is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return $"Ingest.Api refused that ({(int)status}).";
        }
    }

    private static string? NextOf(HttpResponseMessage response) =>
        response.Headers.TryGetValues("Link", out var links) && links.First().Split('<', '>') is [_, var next, ..] ? next : null;
}
