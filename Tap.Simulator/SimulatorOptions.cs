using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;
using MQTTnet.Formatter;

namespace Taproom.Simulator;

/// <summary>How many taps there are and how busy they are. Configuration section <c>Simulator</c>.</summary>
internal sealed class SimulatorOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string SectionName = "Simulator";

    /// <summary>Number of taps; their ids go on from <see cref="FirstTap"/>.</summary>
    [Range(0, 10_000)]
    public int Taps { get; set; } = 3;

    /// <summary>Id of the first tap.</summary>
    [Range(1, 1_000_000_000)]
    public int FirstTap { get; set; } = 1;

    /// <summary>Pours a second of all taps together, each a little early or late; null for <see cref="MinPause"/> to <see cref="MaxPause"/>.</summary>
    [Range(0.001, 100_000)]
    public double? Rate { get; set; }

    /// <summary>Shortest pause between two pours of a tap.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "1.00:00:00")]
    public TimeSpan MinPause { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Longest pause between two pours of a tap; not less than <see cref="MinPause"/>.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "1.00:00:00")]
    public TimeSpan MaxPause { get; set; } = TimeSpan.FromSeconds(6);

    /// <summary>Version of MQTT that the taps speak: <c>5.0</c> or <c>3.1.1</c>.</summary>
    [AllowedValues("5.0", "3.1.1")]
    public string MqttVersion { get; set; } = "5.0";

    /// <summary>Seed of volumes, pauses and faults, for the same evening again; without one every run is another evening.</summary>
    public int? Seed { get; set; }

    /// <summary>Folder of the taps' journals; without one they are kept in memory, and lost with the process.</summary>
    public string? JournalPath { get; set; }

    /// <summary>The API's admin key, by which the taps are registered and get their tokens; without one they have none.</summary>
    public string? AdminKey { get; set; }

    /// <summary>Address of Ingest.Api; null for the endpoint that the AppHost hands out, else http://localhost:8338.</summary>
    public Uri? Api { get; set; }

    /// <summary>Most pours that a tap keeps without a receipt; a tap that has more stops pouring.</summary>
    [Range(1, 100_000)]
    public int MaxUnsent { get; set; } = 1_000;

    /// <summary>How long the receipt of an acknowledged pour may take before the pour is sent again.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "1.00:00:00")]
    public TimeSpan ResendAfter { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long an attempt to connect may take.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:10:00")]
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Longest pause between attempts to connect; the first is a hundredth of it, each further one twice the one before.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:10:00")]
    public TimeSpan MaxBackoff { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>The version as the client library has it.</summary>
    public MqttProtocolVersion ProtocolVersion => MqttVersion == "3.1.1" ? MqttProtocolVersion.V311 : MqttProtocolVersion.V500;

    /// <summary>A random source: of one seed always the same for a tap and a purpose, however many taps and purposes there are.</summary>
    /// <param name="tapId">The tap.</param>
    /// <param name="purpose">What is drawn from it.</param>
    public Random RandomFor(int tapId, string purpose)
    {
        if (Seed is not { } seed)
        {
            return new Random();
        }

        // .NET's own hashes differ from process to process.
        return new Random(purpose.Aggregate(unchecked((seed * 397) ^ tapId), (hash, letter) => unchecked((hash * 31) + letter)));
    }

    /// <summary>A pause between two pours.</summary>
    public TimeSpan Pause(Random random)
    {
        var (shortest, longest) = Rate is { } rate
            ? (TimeSpan.FromSeconds(0.5 * Taps / rate), TimeSpan.FromSeconds(1.5 * Taps / rate))
            : (MinPause, MaxPause);
        return shortest + (longest > shortest ? (longest - shortest) * random.NextDouble() : TimeSpan.Zero);
    }
}

/// <summary>Checks <see cref="SimulatorOptions"/> at start.</summary>
[OptionsValidator]
internal sealed partial class SimulatorOptionsValidator : IValidateOptions<SimulatorOptions>;
