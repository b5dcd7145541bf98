using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Taproom.Reports;

/// <summary>What the sensors of a tap say: <c>{"temperatureC"?, "pressureKPa"?, "flowLpm"?, "pulses"?, "odometer"?, "readAt"?}</c>, one of them beside <c>readAt</c> at least.</summary>
/// <remarks>A member that is absent or null is a sensor without a reading; a value that no beer line has is refused, not stored.</remarks>
/// <param name="TemperatureC">Temperature of the beer in degrees Celsius, -50 to 150; null for no reading.</param>
/// <param name="PressureKPa">Pressure of the line in kilopascals, 0 to 2000; null for no reading.</param>
/// <param name="FlowLpm">Flow in litres a minute, 0 to 1000; null for no reading.</param>
/// <param name="Pulses">Pulses that the flow meter has counted since it was switched on; null for no reading.</param>
/// <param name="Odometer">Pulses that the flow meter has counted in its life; null for no reading.</param>
/// <param name="ReadAt">When it was read by the device's clock, UTC; null where it did not say.</param>
public sealed record TapReading(decimal? TemperatureC, decimal? PressureKPa, decimal? FlowLpm, long? Pulses, long? Odometer, DateTimeOffset? ReadAt)
{
    /// <summary>When it was read: by the device's clock where that can be believed, else when it was received.</summary>
    public DateTimeOffset At(DateTimeOffset receivedAt) => ReadAt is { } at && DeviceClock.IsBelievable(at, receivedAt) ? at : receivedAt;

    /// <summary>Why a reading is refused that <see cref="IsReadable"/> is not.</summary>
    public static Refusal NotReadable { get; } = Refusal.Malformed(null, "A reading must not contain the character U+0000.");

    /// <summary>
    /// Whether Postgres can look into it: JSON with the character U+0000 in any text makes a whole query fail, and with it what is asked of all other taps.
    /// </summary>
    /// <param name="json">An object, as <see cref="StrictJson"/> takes it.</param>
    public static bool IsReadable(JsonElement json) => JsonMarshal.GetRawUtf8Value(json).IndexOf(@"\u0000"u8) < 0;

    /// <summary>Reads and validates a reading.</summary>
    /// <param name="json">An object, as <see cref="StrictJson"/> takes it.</param>
    /// <param name="reading">The reading, or null.</param>
    /// <param name="refusal">Why it is refused, or null.</param>
    public static bool TryRead(JsonElement json, [NotNullWhen(true)] out TapReading? reading, [NotNullWhen(false)] out Refusal? refusal)
    {
        reading = null;
        if (!IsReadable(json))
        {
            refusal = NotReadable;
            return false;
        }

        // Sensors report their faults as values out of range: -127 and -196.6 are well-known temperatures of a broken wire.
        if (
            !TryGetNumber(json, "temperatureC", -50, 150, out var temperature, out refusal)
            || !TryGetNumber(json, "pressureKPa", 0, 2_000, out var pressure, out refusal)
            || !TryGetNumber(json, "flowLpm", 0, 1_000, out var flow, out refusal)
            || !json.TryGetCount("pulses", out var pulses, out refusal)
            || !json.TryGetCount("odometer", out var odometer, out refusal)
            || !TryGetTime(json, "readAt", out var readAt, out refusal)
        )
        {
            return false;
        }

        if ((temperature ?? pressure ?? flow ?? pulses ?? odometer) is null)
        {
            refusal = Refusal.Malformed(null, "A reading must have one of 'temperatureC', 'pressureKPa', 'flowLpm', 'pulses' and 'odometer'.");
            return false;
        }

        reading = new TapReading(temperature, pressure, flow, pulses, odometer, readAt);
        return true;
    }

    private static bool TryGetTime(JsonElement json, string name, out DateTimeOffset? time, [NotNullWhen(false)] out Refusal? refusal)
    {
        (time, refusal) = (null, null);
        if (!json.TryGetMember(name, out var member))
        {
            return true;
        }

        if (Rfc3339.TryParse(member.ValueKind is JsonValueKind.String ? member.GetString() : null, out var at))
        {
            time = at;
            return true;
        }

        refusal = Refusal.Unprocessable(name, $"The member '{name}' must be an RFC 3339 time with an offset.");
        return false;
    }

    private static bool TryGetNumber(
        JsonElement json,
        string name,
        decimal min,
        decimal max,
        out decimal? number,
        [NotNullWhen(false)] out Refusal? refusal
    )
    {
        (number, refusal) = (null, null);
        if (!json.TryGetMember(name, out var member))
        {
            return true;
        }

        if (
            member.ValueKind is JsonValueKind.Number
            && ExactNumber.Read(JsonMarshal.GetRawUtf8Value(member)) is var value
            && value >= min
            && value <= max
        )
        {
            // Sensors measure no finer, and what has few digits can be summed and shown.
            number = decimal.Round(value, 3);
            return true;
        }

        refusal = Refusal.Unprocessable(name, FormattableString.Invariant($"The member '{name}' must be a number from {min} to {max}."));
        return false;
    }
}
