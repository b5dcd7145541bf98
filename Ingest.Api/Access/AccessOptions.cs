using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Ingest.Api.Access;

/// <summary>How users sign in. Configuration section <c>Access</c>.</summary>
internal sealed class AccessOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string SectionName = "Access";

    /// <summary>How long a session lasts from when somebody has signed in; by default a long shift.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "90.00:00:00")]
    public TimeSpan SessionLifetime { get; set; } = TimeSpan.FromHours(14);

    /// <summary>Failures in a row after which nobody can sign in with a name for a while.</summary>
    [Range(1, 1_000)]
    public int MaxFailures { get; set; } = 5;

    /// <summary>How long that lasts.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "7.00:00:00")]
    public TimeSpan LockOut { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>How often one address may try to sign in within a minute, whatever the names.</summary>
    [Range(1, 100_000)]
    public int SignInsPerMinute { get; set; } = 60;
}

/// <summary>Checks <see cref="AccessOptions"/> at start.</summary>
[OptionsValidator]
internal sealed partial class AccessOptionsValidator : IValidateOptions<AccessOptions>;
