using System.Globalization;
using System.Text.Json;

namespace Tap.Simulator.Meters;

/// <summary>One meter of a bar's electricity, behind a Rainforest gateway or answering with JSON.</summary>
/// <remarks>Safe for polls that overlap.</remarks>
/// <param name="number">Its number; an odd one is of kind <c>rainforest</c>, an even one of kind <c>json</c>.</param>
/// <param name="options">Its demand and its faults.</param>
/// <param name="sourceOf">Makes the random source of a name.</param>
internal sealed class SimulatedMeter(int number, MeterOptions options, Func<string, Random> sourceOf)
{
    /// <summary>How far a reading is from the curve, at most, as a part of it.</summary>
    private const double Spread = 0.05;

    // Part of the peak at each hour: coolers by night, the kitchen at noon, everything in the evening.
    // csharpier-ignore
    private static readonly double[] Curve =
    [
        .45, .3, .25, .25, .25, .25, .25, .3, .35, .4, .5, .65,
        .7, .6, .5, .5, .6, .75, .9, 1, 1, .95, .85, .65,
    ];

    private static readonly DateTimeOffset RainforestEpoch = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly Lock _gate = new();
    private readonly Random _demand = sourceOf("meter demand");

    // Each fault has a source of its own, so that switching one on moves no other.
    private readonly (MeterFault Fault, double Chance, Random Random)[] _faults =
    [
        (MeterFault.Refuse, options.Refuse, sourceOf("meter refuse")),
        (MeterFault.Garbled, options.Garbled, sourceOf("meter garbled")),
        (MeterFault.Error, options.Error, sourceOf("meter error")),
        (MeterFault.Slow, options.Slow, sourceOf("meter slow")),
    ];

    /// <summary>Its id, with leading zeros.</summary>
    public string Id { get; } = number.ToString("000000", CultureInfo.InvariantCulture);

    /// <summary>Whether it is of kind <c>rainforest</c>; else it is of kind <c>json</c>.</summary>
    public bool IsRainforest => number % 2 != 0;

    /// <summary>Its demand in W at a time of the local day.</summary>
    public int DemandW(TimeOnly time)
    {
        var (from, to) = (Curve[time.Hour], Curve[(time.Hour + 1) % Curve.Length]);
        var part = from + ((to - from) * time.Minute / 60);
        lock (_gate)
        {
            return (int)Math.Round(1_000 * options.PeakKw * part * (1 + (Spread * ((2 * _demand.NextDouble()) - 1))));
        }
    }

    /// <summary>What goes wrong with the next poll.</summary>
    public MeterFault NextFault()
    {
        lock (_gate)
        {
            // All are drawn, so that one that happens moves no other.
            var happening = Array.FindAll(_faults, fault => fault.Random.NextDouble() < fault.Chance);
            return happening.FirstOrDefault().Fault;
        }
    }

    /// <summary>Its reading as a Rainforest gateway answers <c>get_instantaneous_demand</c>: kW = Demand * Multiplier / Divisor.</summary>
    public string ToXml(DateTimeOffset now)
    {
        var seconds = (long)(now - RainforestEpoch).TotalSeconds;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"""
            <InstantaneousDemand>
              <DeviceMacId>0xd8d5b9{number:x10}</DeviceMacId>
              <MeterMacId>0x001350{number:x10}</MeterMacId>
              <TimeStamp>0x{seconds:x8}</TimeStamp>
              <Demand>0x{DemandW(TimeOnly.FromDateTime(now.DateTime)):x6}</Demand>
              <Multiplier>0x00000001</Multiplier>
              <Divisor>0x000003e8</Divisor>
              <DigitsRight>0x03</DigitsRight>
              <DigitsLeft>0x06</DigitsLeft>
              <SuppressLeadingZero>Y</SuppressLeadingZero>
            </InstantaneousDemand>
            """
        );
    }

    /// <summary>Its reading as a JSON object.</summary>
    public string ToJson(DateTimeOffset now) =>
        JsonSerializer.Serialize(new MeterReading(Id, DemandW(TimeOnly.FromDateTime(now.DateTime)) / 1_000m, now), MeterJson.Default.MeterReading);
}

/// <summary>What goes wrong with a poll.</summary>
internal enum MeterFault
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>The connection is closed without an answer.</summary>
    Refuse,

    /// <summary>The answer breaks off in the middle.</summary>
    Garbled,

    /// <summary>The answer is an error.</summary>
    Error,

    /// <summary>The answer takes its time.</summary>
    Slow,
}
