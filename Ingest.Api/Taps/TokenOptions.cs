using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Ingest.Api.Taps;

/// <summary>How tokens of taps are replaced. Configuration section <c>Tokens</c>.</summary>
internal sealed class TokenOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string SectionName = "Tokens";

    /// <summary>Longest time that a replaced token can stay valid: 30 days.</summary>
    public const int MaxGraceSeconds = 30 * 24 * 60 * 60;

    /// <summary>How long a replaced token stays valid where the request does not say; zero for not at all.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "30.00:00:00")]
    public TimeSpan Grace { get; set; } = TimeSpan.FromHours(1);
}

/// <summary>Checks <see cref="TokenOptions"/> at start.</summary>
[OptionsValidator]
internal sealed partial class TokenOptionsValidator : IValidateOptions<TokenOptions>;
