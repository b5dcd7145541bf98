namespace ServiceDefaults;

/// <summary>Where people see traces. Configuration section <c>Dashboard</c>, the same for the page and for the API.</summary>
public sealed class TraceLinkOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string SectionName = "Dashboard";

    /// <summary>The traces page of the Aspire dashboard, for example <c>http://localhost:18888/traces</c>; null for no links.</summary>
    public Uri? TracesUrl { get; set; }

    /// <summary>Where that is, without what may be secret; null for nowhere.</summary>
    public string? Address => TracesUrl is { IsAbsoluteUri: true } url ? StartLineExtensions.AddressOf(url.AbsoluteUri) : null;

    /// <summary>The page of one trace in the Aspire dashboard; null when none is configured.</summary>
    /// <param name="traceId">The trace id, 32 hexadecimal digits.</param>
    public string? TraceUrl(string traceId) =>
        TracesUrl is { IsAbsoluteUri: true, Scheme: "http" or "https" } ? $"{TracesUrl.AbsoluteUri.TrimEnd('/')}/detail/{traceId}" : null;
}
