namespace Ingest.Api.Http;

/// <summary>Who may do everything. Configuration section <c>Admin</c>.</summary>
internal sealed class AdminOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string SectionName = "Admin";

    /// <summary>The admin's bearer token; while there is none, nobody is an admin.</summary>
    public string? Key { get; set; }
}
