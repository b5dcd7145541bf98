using Tap.Simulator.Transports;

namespace Tap.Simulator.Taps;

/// <summary>A tap's sensors: beer of 3 to 6 °C from a keg of 75 to 95 kPa; both change slowly.</summary>
internal sealed class TapSensors(Random random, FlowMeter meter)
{
    private double _temperatureC = 4.5;
    private double _pressureKPa = 85;

    /// <summary>Reads them.</summary>
    public TapReading Read()
    {
        _temperatureC = Math.Clamp(_temperatureC + ((random.NextDouble() - 0.5) / 2), 3, 6);
        _pressureKPa = Math.Clamp(_pressureKPa + (random.NextDouble() - 0.5), 75, 95);
        return new TapReading(Math.Round((decimal)_temperatureC, 1), Math.Round((decimal)_pressureKPa, 1), meter.Odometer);
    }
}
