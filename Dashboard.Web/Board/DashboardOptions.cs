using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Dashboard.Web.Board;

/// <summary>The live page. Configuration section <c>Dashboard</c>.</summary>
internal sealed class DashboardOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string SectionName = "Dashboard";

    /// <summary>How often the counters are compared with the totals in Postgres.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:10:00")]
    public TimeSpan ReconcileInterval { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How often it is read which taps are connected.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:00:10")]
    public TimeSpan PresenceInterval { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How often temperatures and forecasts of kegs are read, which change slowly.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:10:00")]
    public TimeSpan FactsInterval { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How long the board is kept up to date after the last page is closed and the last connection of the hub has ended.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan Linger { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Longest pause between two tries to reach Redis or Postgres.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:00")]
    public TimeSpan MaxBackoff { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Frames kept for a listener that does not read; one more, and it is disconnected.</summary>
    [Range(1, 1_000_000)]
    public int ListenerBuffer { get; set; } = 5_000;

    /// <summary>Whether only those who have signed in see pages, the wall too, and may listen to the hub.</summary>
    public bool SignInToView { get; set; }

    /// <summary>Where taps reach the bridge, <c>mqtt://host:1883</c> or <c>mqtts://host:8883</c>, for the code that sets up a tap; null for port 1883 of the page's own host.</summary>
    [RegularExpression("mqtts?://.+", ErrorMessage = "Dashboard:MqttAddress must be like mqtts://taproom.example.org:8883.")]
    public string? MqttAddress { get; set; }
}

/// <summary>Checks <see cref="DashboardOptions"/> at start.</summary>
[OptionsValidator]
internal sealed partial class DashboardOptionsValidator : IValidateOptions<DashboardOptions>;
