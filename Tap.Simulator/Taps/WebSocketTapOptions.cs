using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;
using Tap.Simulator.Transports;

namespace Tap.Simulator.Taps;

/// <summary>
/// One tap over HTTP and WebSocket, as the client of the first beer-tap server was: set by the environment <c>INET_ADDR</c>
/// (<c>host:port</c>) and <c>TAP_ID</c>. Top level of the configuration.
/// </summary>
internal sealed class WebSocketTapOptions : IValidatableObject
{
    /// <summary>The API, <c>host:port</c>.</summary>
    [Required]
    [ConfigurationKeyName(TransportExtensions.InetAddressKey)]
    public string Address { get; set; } = "";

    /// <summary>The tap.</summary>
    [Range(1, int.MaxValue, ErrorMessage = "TAP_ID must be a whole number, 1 or more.")]
    [ConfigurationKeyName("TAP_ID")]
    public int TapId { get; set; } = 1;

    /// <summary>The tap's token, or the admin key; null where the simulator registers its taps itself, or the API asks for none.</summary>
    [ConfigurationKeyName("TAP_TOKEN")]
    public string? Token { get; set; }

    /// <summary>Longest pause between two beers, in whole seconds; the shortest is one.</summary>
    [Range(1, 3_600, ErrorMessage = "MAX_PAUSE must be whole seconds, 1 to 3600.")]
    [ConfigurationKeyName("MAX_PAUSE")]
    public int MaxPauseSeconds { get; set; } = 10;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (!Address.Contains(':') || !Uri.TryCreate($"http://{Address}", UriKind.Absolute, out var uri) || uri.PathAndQuery != "/")
        {
            yield return new ValidationResult("INET_ADDR must be host:port.");
        }
    }
}

/// <summary>Checks <see cref="WebSocketTapOptions"/> at start.</summary>
[OptionsValidator]
internal sealed partial class WebSocketTapOptionsValidator : IValidateOptions<WebSocketTapOptions>;
