namespace Ingest.Api;

/// <summary>Reads request bodies as bytes, for the strict parser.</summary>
internal static class RequestBody
{
    /// <summary>The whole body.</summary>
    /// <exception cref="BadHttpRequestException">It is larger than the call allows, or broke off.</exception>
    public static async Task<ReadOnlyMemory<byte>> ReadAllAsync(this HttpRequest request, CancellationToken cancellationToken)
    {
        using var buffer = new MemoryStream();
        await request.Body.CopyToAsync(buffer, cancellationToken);
        return buffer.GetBuffer().AsMemory(0, (int)buffer.Length);
    }
}
