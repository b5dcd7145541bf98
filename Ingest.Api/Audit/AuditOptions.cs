using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Ingest.Api.Audit;

/// <summary>How long it is kept who changed what. Configuration section <c>Audit</c>.</summary>
internal sealed class AuditOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string SectionName = "Audit";

    /// <summary>Older entries are deleted.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "3650.00:00:00")]
    public TimeSpan KeepFor { get; set; } = TimeSpan.FromDays(400);
}

/// <summary>Checks <see cref="AuditOptions"/> at start.</summary>
[OptionsValidator]
internal sealed partial class AuditOptionsValidator : IValidateOptions<AuditOptions>;
