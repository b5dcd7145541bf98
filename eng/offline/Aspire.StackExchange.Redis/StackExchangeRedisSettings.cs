namespace Aspire.StackExchange.Redis;

/// <summary>How the multiplexer is registered; bound from <c>Aspire:StackExchange:Redis</c>.</summary>
public sealed class StackExchangeRedisSettings
{
    /// <summary>The comma-separated configuration string. <c>ConnectionStrings:{name}</c> wins over what the section says.</summary>
    public string? ConnectionString { get; set; }

    /// <summary>Registers no health check.</summary>
    public bool DisableHealthChecks { get; set; }

    /// <summary>Without effect here: the stand-in registers no instrumentation.</summary>
    public bool DisableTracing { get; set; }

    /// <summary>Connects on first use instead of when the host starts.</summary>
    public bool DisableAutoActivation { get; set; } = true;
}
