using System.ComponentModel.DataAnnotations;
using System.Net;

namespace AppHost;

/// <summary>What a developer may choose about a run. Configuration section <c>Taproom</c>, also as <c>Taproom__Ports__Page</c> etc.</summary>
internal sealed class TaproomSettings : IValidatableObject
{
    /// <summary>Name of the configuration section.</summary>
    public const string SectionName = "Taproom";

    /// <summary>The TCP ports that people and taps use.</summary>
    public PortSettings Ports { get; set; } = new();

    /// <summary>
    /// The address on which MQTT, the API and the page listen: <c>localhost</c>, or an IP address of this machine, <c>0.0.0.0</c> for all
    /// of them. All else listens on loopback only.
    /// </summary>
    public string Listen { get; set; } = "localhost";

    /// <summary>Folder of the admin key and, without containers, of the servers' data; relative to the folder of the AppHost.</summary>
    [Required(ErrorMessage = "must be a folder")]
    public string DataPath { get; set; } = "../artifacts/data";

    /// <summary>Whether what is in <see cref="DataPath"/> is deleted first.</summary>
    public bool Reset { get; set; }

    /// <summary>Whether three simulated taps pour, and two simulated meters are polled.</summary>
    public bool Simulator { get; set; } = true;

    /// <summary>The share of its size below which a keg is low: who tells of it and who shows it must agree.</summary>
    [Range(0.0, 1.0, ErrorMessage = "must be a share, 0 to 1")]
    public double KegLowShare { get; set; } = 0.15;

    /// <summary>Whether an archive of every entry is kept, and whether it is uploaded when an hour is over.</summary>
    public ArchiveKind Archive { get; set; } = ArchiveKind.Disk;

    /// <summary>Whether Redis and Postgres run in containers; null asks whether a container engine answers.</summary>
    public bool? Containers { get; set; }

    /// <summary>Where the Aspire dashboard is: the first of <c>ASPNETCORE_URLS</c>; null when it is off.</summary>
    public string? DashboardUrl { get; set; }

    /// <summary>Whether others than this machine can reach MQTT, the API and the page.</summary>
    public bool IsOpen => IPAddress.TryParse(Listen, out var address) && !IPAddress.IsLoopback(address);

    /// <inheritdoc />
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) =>
        Listen == "localhost" || IPAddress.TryParse(Listen, out _)
            ? []
            : [new ValidationResult("must be localhost or an IP address, for example 0.0.0.0", [nameof(Listen)])];
}

/// <summary>The TCP ports that people and taps use.</summary>
internal sealed class PortSettings
{
    private const string NoPort = "must be a TCP port, 1 to 65535";

    /// <summary>The live page.</summary>
    [Range(1, 65535, ErrorMessage = NoPort)]
    public int Page { get; set; } = 5080;

    /// <summary>Ingest.Api.</summary>
    [Range(1, 65535, ErrorMessage = NoPort)]
    public int Api { get; set; } = 8338;

    /// <summary>The bridge's MQTT listener.</summary>
    [Range(1, 65535, ErrorMessage = NoPort)]
    public int Mqtt { get; set; } = 1883;
}
