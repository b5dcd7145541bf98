using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;
using Taproom;

namespace Tap.Simulator.Transports;

/// <summary>Where the taps report, and over what. Configuration section <c>Simulator</c>.</summary>
internal sealed class TransportOptions : IValidatableObject
{
    /// <summary>Name of the configuration section.</summary>
    public const string SectionName = "Simulator";

    /// <summary>MQTT 5.0.</summary>
    public const string Mqtt5 = "mqtt5";

    /// <summary>MQTT 3.1.1.</summary>
    public const string Mqtt311 = "mqtt3.1.1";

    /// <summary>HTTP.</summary>
    public const string Http = "http";

    /// <summary>What the taps speak: <see cref="Mqtt5"/>, <see cref="Mqtt311"/> or <see cref="Http"/>.</summary>
    [AllowedValues(Mqtt5, Mqtt311, Http, ErrorMessage = "The protocol must be mqtt5, mqtt3.1.1 or http.")]
    public string Protocol { get; set; } = Mqtt5;

    /// <summary>With which QoS taps publish over MQTT: 1 or 2.</summary>
    [Range(1, 2)]
    public int Qos { get; set; } = 1;

    /// <summary>Whether a pour is kept until its receipt; else only until it is acknowledged, for a broker behind which nobody stores.</summary>
    public bool Receipts { get; set; } = true;

    /// <summary>The bridge or a broker, as <see cref="MqttAddress"/> reads it; a user in it is that of all taps, for a broker that knows no taps; null for the endpoint that the AppHost hands out, else localhost.</summary>
    public string? Mqtt { get; set; }

    /// <summary>Address of Ingest.Api; null for the endpoint that the AppHost hands out, else http://localhost:8338.</summary>
    public Uri? Api { get; set; }

    /// <summary>The API's admin key, by which taps and meters are registered; without one the taps have no tokens.</summary>
    public string? AdminKey { get; set; }

    /// <summary>Longest pause between attempts; the first is a hundredth of it, each further one twice the one before.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:10:00")]
    public TimeSpan MaxBackoff { get; set; } = TimeSpan.FromSeconds(10);

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Api is { Scheme: not ("http" or "https") })
        {
            yield return new ValidationResult("The API's address must be http or https.");
        }

        // Never with the address itself in the message: it may hold a password.
        if (Mqtt is not null && MqttAddress.Parse(Mqtt) is null)
        {
            yield return new ValidationResult("The address for MQTT must be mqtt://host:port or mqtts://user:password@host:port.");
        }
    }
}

/// <summary>Checks <see cref="TransportOptions"/> at start.</summary>
[OptionsValidator]
internal sealed partial class TransportOptionsValidator : IValidateOptions<TransportOptions>;
