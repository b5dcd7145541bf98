using System.ComponentModel.DataAnnotations;

namespace AppHost;

/// <summary>What a developer may choose about a run. Configuration section <c>Taproom</c>, also as <c>Taproom__Ports__Page</c> etc.</summary>
internal sealed class TaproomSettings
{
    /// <summary>Name of the configuration section.</summary>
    public const string SectionName = "Taproom";

    /// <summary>The TCP ports that people and taps use.</summary>
    public PortSettings Ports { get; set; } = new();

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

    /// <summary>Whether Redis and Postgres run in containers; null asks whether a container engine answers.</summary>
    public bool? Containers { get; set; }

    /// <summary>Where the Aspire dashboard is: the first of <c>ASPNETCORE_URLS</c>; null when it is off.</summary>
    public string? DashboardUrl { get; set; }
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
