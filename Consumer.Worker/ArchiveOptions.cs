using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Consumer.Worker;

/// <summary>Where the archive is, and when its hours are closed. Configuration section <c>Archive</c>.</summary>
internal sealed class ArchiveOptions : IValidatableObject
{
    /// <summary>Name of the configuration section.</summary>
    public const string SectionName = "Archive";

    /// <summary>Root folder, on a disk of this machine that its workers may share; null for no archive.</summary>
    public string? Path { get; set; }

    /// <summary>How long after its end an hour is closed, so that what was received in its last moments is in its file.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan Grace { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Least time from one batch of a partition to the next, unless the first was full: the lines of a batch are flushed to the disk together.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00")]
    public TimeSpan BatchInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Longest pause after failed uploads; the first is a hundredth of it, each further one twice the one before.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "01:00:00")]
    public TimeSpan MaxBackoff { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>The S3-compatible store to upload to; without a bucket the files stay where they are.</summary>
    [ValidateObjectMembers]
    public ArchiveS3Options S3 { get; set; } = new();

    /// <inheritdoc />
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Path is { } path && string.IsNullOrWhiteSpace(path))
        {
            yield return new("Archive:Path must be a folder; leave it out for no archive.", [nameof(Path)]);
        }

        if (S3.Bucket is not null && Path is null)
        {
            yield return new("Archive:S3:Bucket needs Archive:Path, where the files are until they are uploaded.", [nameof(Path)]);
        }
    }
}

/// <summary>An S3-compatible store.</summary>
internal sealed class ArchiveS3Options : IValidatableObject
{
    /// <summary>Its address, as an absolute http or https URL; null for that of AWS in <see cref="Region"/>.</summary>
    public string? ServiceUrl { get; set; }

    /// <summary>The bucket, which must be there; null for no uploads.</summary>
    [MinLength(1)]
    public string? Bucket { get; set; }

    /// <summary>The region.</summary>
    [Required]
    public string Region { get; set; } = "us-east-1";

    /// <summary>The access key; null for where the AWS SDK looks by itself (environment, profile, role of the machine).</summary>
    public string? AccessKey { get; set; }

    /// <summary>The secret of the access key.</summary>
    public string? SecretKey { get; set; }

    /// <summary>PEM file of the authorities that may have signed the store's certificate; null for those that this machine trusts.</summary>
    public string? Ca { get; set; }

    /// <summary>Whether the bucket is named in the path and not in the host name; most stores other than AWS want it so.</summary>
    public bool ForcePathStyle { get; set; }

    /// <summary>What the keys begin with.</summary>
    [Required]
    [RegularExpression(
        "[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)*",
        ErrorMessage = "Archive:S3:Prefix is made of letters, digits, '.', '_', '-', with '/' between."
    )]
    public string Prefix { get; set; } = "taproom-logs";

    /// <summary>How long the store may take for one file.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "01:00:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMinutes(2);

    /// <inheritdoc />
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (ServiceUrl is not null && (!Uri.TryCreate(ServiceUrl, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https")))
        {
            yield return new("Archive:S3:ServiceUrl must be an absolute http or https URL.", [nameof(ServiceUrl)]);
        }

        if (string.IsNullOrEmpty(AccessKey) != string.IsNullOrEmpty(SecretKey))
        {
            yield return new("Archive:S3:AccessKey and Archive:S3:SecretKey go together.", [nameof(AccessKey)]);
        }
    }
}

/// <summary>Checks <see cref="ArchiveOptions"/> at start.</summary>
[OptionsValidator]
internal sealed partial class ArchiveOptionsValidator : IValidateOptions<ArchiveOptions>;
