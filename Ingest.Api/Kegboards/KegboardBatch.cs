using System.Text.Json;
using System.Text.Json.Serialization;
using Ingest.Api.Http;

namespace Ingest.Api.Kegboards;

/// <summary>What a Kegboard sends: version 1 of Kegbot's Kegboard Event Protocol. Members that are not named here are ignored, as it asks for.</summary>
/// <param name="V">The version.</param>
/// <param name="Device">The name of the controller.</param>
/// <param name="BootId">Sets the numbers of events apart that it has counted since it was switched on.</param>
/// <param name="Events">1 to 16 events, the oldest first.</param>
internal sealed record KegboardBatch(int V, string Device, string BootId, IReadOnlyList<KegboardEvent> Events)
{
    /// <summary>Said of a name that no Kegboard can have.</summary>
    public const string NoDevice = "The name 'device' must have 1 to 64 characters, none of them a control character.";

    private const int MaxDevice = 64;
    private const int MaxBootId = 32;

    // The protocol's own limit is 16; a controller that sends more is not worth losing pours over.
    private const int MaxEvents = 64;

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        Converters = { new ExactNumberConverter() },
    };

    /// <summary>Reads a batch.</summary>
    /// <param name="utf8">The body.</param>
    /// <param name="fault">Why it is none, or null.</param>
    public static KegboardBatch? Read(ReadOnlySpan<byte> utf8, out string? fault)
    {
        try
        {
            var batch = JsonSerializer.Deserialize<KegboardBatch>(utf8, Json);
            fault = batch switch
            {
                null => "The body must be an object.",
                { V: not 1 } => "Only version 1 of the Kegboard Event Protocol is understood.",
                _ when !IsDevice(batch.Device) => NoDevice,
                _ when !IsName(batch.BootId, MaxBootId) =>
                    $"The member 'boot_id' must have 1 to {MaxBootId} characters, none of them a control character.",
                _ when batch.Events.Count is 0 or > MaxEvents || batch.Events.Contains(null!) =>
                    $"The member 'events' must have 1 to {MaxEvents} events.",
                _ => null,
            };
            return fault is null ? batch : null;
        }
        catch (JsonException ex)
        {
            fault = $"The body is no batch of Kegboard events: {ex.Path ?? "$"} is missing or of another type.";
            return null;
        }
    }

    /// <summary>Reads what an event is about; null when it is something else.</summary>
    public static T? Read<T>(JsonElement data)
        where T : class
    {
        try
        {
            return data.Deserialize<T>(Json);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Whether a Kegboard can have this name.</summary>
    public static bool IsDevice(string name) => IsName(name, MaxDevice);

    private static bool IsName(string text, int longest) => text.Length > 0 && text.Length <= longest && !text.Any(char.IsControl);
}

/// <summary>Something that has happened at a Kegboard.</summary>
/// <param name="Id">Its number since the controller was switched on.</param>
/// <param name="Type">What it is.</param>
/// <param name="AgeMs">How long ago it was when the batch was written, in ms: the controller's clock may be wrong, this is not.</param>
/// <param name="Data">What it is about.</param>
internal sealed record KegboardEvent(long Id, string Type, long AgeMs, JsonElement Data);

/// <summary>A pour that is over.</summary>
/// <param name="Meter">The number of the meter, from 0.</param>
/// <param name="PourId">Its id, unique everywhere, of whatever form.</param>
/// <param name="VolumeMl">Its volume in mL, by the controller's own calibration.</param>
/// <param name="DurationMs">From the first pulse to the last, in ms.</param>
/// <param name="Ticks">Pulses of the meter; null when it does not tell.</param>
internal sealed record KegboardPour(int Meter, string PourId, decimal VolumeMl, long DurationMs, long? Ticks = null);

/// <summary>What a sensor of a Kegboard read.</summary>
/// <param name="Sensor">Its name.</param>
/// <param name="TempC">Degrees Celsius.</param>
internal sealed record KegboardTemperature(string Sensor, decimal TempC);

/// <summary>How a Kegboard is.</summary>
/// <param name="FwVersion">The version of its firmware.</param>
/// <param name="EventsDropped">How many events it had to drop.</param>
/// <param name="Meters">How much its meters have counted; null when it does not tell.</param>
internal sealed record KegboardStatus(string FwVersion, long EventsDropped, IReadOnlyList<KegboardMeter>? Meters = null);

/// <summary>How much a meter of a Kegboard has counted.</summary>
/// <param name="Meter">The number of the meter, from 0.</param>
/// <param name="TotalTicks">All its pulses.</param>
internal sealed record KegboardMeter(int Meter, long TotalTicks);
