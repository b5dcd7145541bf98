namespace Ingest.Api.Http;

/// <summary>Pages of which other origins may call the API and listen. Configuration section <c>Cors</c>.</summary>
internal sealed class OriginOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string SectionName = "Cors";

    /// <summary>Origins like <c>https://bar.example</c>; none by default.</summary>
    public string[] Origins { get; set; } = [];

    /// <summary>Whether a request comes from no page at all, from a page of this host or of a configured origin.</summary>
    /// <remarks>Browsers let any page open a socket anywhere, so the server has to look (RFC 6455, section 10.2).</remarks>
    public bool Allows(HttpRequest request)
    {
        var origin = request.Headers.Origin.ToString();
        return origin.Length == 0
            || Origins.Contains(origin, StringComparer.OrdinalIgnoreCase)
            || (
                Uri.TryCreate(origin, UriKind.Absolute, out var page)
                && string.Equals(page.Authority, request.Host.Value, StringComparison.OrdinalIgnoreCase)
            );
    }
}
