using System.Net.Http.Headers;

namespace Dashboard.Web.Access;

/// <summary>A body that is sent as it is.</summary>
/// <param name="Bytes">Its bytes.</param>
/// <param name="MediaType">What they are, such as <c>text/csv</c>.</param>
internal sealed record RawBody(byte[] Bytes, string MediaType)
{
    /// <summary>The same as the content of a request.</summary>
    public HttpContent ToContent() => new ByteArrayContent(Bytes) { Headers = { ContentType = new MediaTypeHeaderValue(MediaType) } };
}
