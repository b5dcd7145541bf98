namespace Aspire.Npgsql.EntityFrameworkCore.PostgreSQL;

/// <summary>How a database context reaches Postgres; bound from <c>Aspire:Npgsql:EntityFrameworkCore:PostgreSQL</c>.</summary>
public sealed class NpgsqlEntityFrameworkCorePostgreSQLSettings
{
    /// <summary>The Npgsql connection string. <c>ConnectionStrings:{name}</c> wins over what the section says.</summary>
    public string? ConnectionString { get; set; }

    /// <summary>Leaves the context without a retrying execution strategy.</summary>
    public bool DisableRetry { get; set; }

    /// <summary>Registers no health check for the context.</summary>
    public bool DisableHealthChecks { get; set; }

    /// <summary>Without effect here: the stand-in registers no instrumentation.</summary>
    public bool DisableTracing { get; set; }

    /// <summary>Without effect here: the stand-in registers no instrumentation.</summary>
    public bool DisableMetrics { get; set; }

    /// <summary>The command timeout in seconds, or null for the provider's default.</summary>
    public int? CommandTimeout { get; set; }
}
