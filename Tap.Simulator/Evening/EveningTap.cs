using Tap.Simulator.Journal;
using Tap.Simulator.Taps;
using Tap.Simulator.Transports;

namespace Tap.Simulator.Evening;

/// <summary>What happens at a tap in an evening, and what of it really was what.</summary>
internal sealed class EveningTap
{
    private const int NearlyFull = 5_000;
    private static readonly TimeSpan ReadingsEvery = TimeSpan.FromMinutes(5);
    private static readonly int[] Glasses = [300, 400, 500];

    private readonly Random _random;
    private readonly EveningOptions _evening;
    private readonly MeterLine _meter;
    private readonly DateTimeOffset _start;
    private readonly int _truePulsesPerLitre;
    private readonly int _pulsesPerLitre;
    private readonly List<EveningPour> _pours = [];

    /// <summary>Plays it.</summary>
    /// <param name="index">Which tap, from 0: it says which cause it has.</param>
    /// <param name="start">When the evening begins.</param>
    /// <param name="evening">The causes.</param>
    /// <param name="options">The seed and the calibration.</param>
    public EveningTap(int index, DateTimeOffset start, EveningOptions evening, SimulatorOptions options)
    {
        Tap = new TapIdentity(options.FirstTap + index);
        (_random, _evening, _start, _pulsesPerLitre) = (options.RandomFor(Tap.Id, "evening"), evening, start, options.PulsesPerLitre);
        _truePulsesPerLitre = index == 0 ? evening.TruePulsesPerLitre : options.PulsesPerLitre;
        var isFull = index == 5;
        _meter = new MeterLine(isFull ? (1L << 32) - NearlyFull : 100_000 + (10_000 * index), isFull);
        var end = start + evening.Length;
        PourGlasses(index == 3 ? start + (evening.Length * 5 / 6) : end - TimeSpan.FromMinutes(5), drips: index == 2);
        if (index == 1 && evening.LeakMlPerMinute > 0)
        {
            var leak = evening.Length * 2 / 3;
            UnaccountedPulses = (long)(evening.LeakMlPerMinute * leak.TotalMinutes * _truePulsesPerLitre / 1_000);
            _meter.Flow(end - leak, leak, UnaccountedPulses);
        }

        if (index == 3)
        {
            PourFoam();
        }

        if (index == 4)
        {
            // Right after a pour, so that nothing has flowed of which no word was sent.
            _meter.ResetAt(_pours[_pours.Count / 2].End.AddSeconds(5));
            Resets = 1;
        }
    }

    /// <summary>What it is called.</summary>
    public TapIdentity Tap { get; }

    /// <summary>Its glasses and its foam, oldest first.</summary>
    public IReadOnlyList<EveningPour> Pours => _pours;

    /// <summary>Pulses that are in no pour.</summary>
    public long UnaccountedPulses { get; private set; }

    /// <summary>How often its meter begins anew.</summary>
    public int Resets { get; }

    /// <summary>What really flowed through its meter and is in no pour, in mL.</summary>
    public decimal UnaccountedMl => TrueMl(UnaccountedPulses);

    /// <summary>Its foam, in mL.</summary>
    public decimal FoamMl => _pours.Where(pour => pour.Kind == EveningPourKind.Foam).Sum(pour => TrueMl(pour.Pulses));

    /// <summary>What really was in the glasses that the till has forgotten, in mL.</summary>
    public decimal ForgottenMl => _pours.Where(pour => pour.Kind == EveningPourKind.Forgotten).Sum(pour => TrueMl(pour.Pulses));

    /// <summary>What really was in its pours and its calibration does not say, in mL.</summary>
    public decimal MiscountedMl => _truePulsesPerLitre == _pulsesPerLitre ? 0 : _pours.Sum(pour => TrueMl(pour.Pulses) - ReportedMl(pour.Pulses));

    /// <summary>Size of the keg that ends with its last pour, in mL as they are reported.</summary>
    public decimal KegMl => _pours.Sum(pour => ReportedMl(pour.Pulses));

    /// <summary>What it sends, in order: pours at their ends, and readings between them and in the middle of them.</summary>
    public IEnumerable<object> Messages()
    {
        var seq = 0;
        var pours = _pours
            .ToList()
            .ConvertAll(pour =>
                (
                    pour.End,
                    Message: (object)
                        new Pour(pour.Id, null, pour.End, ++seq, pour.Pulses, _meter.Odometer(pour.End), (int)pour.Length.TotalMilliseconds)
                )
            );
        var readings = Enumerable
            .Range(0, (int)(_evening.Length / ReadingsEvery) + 1)
            .Select(n => _start + (n * ReadingsEvery))
            .Select(at => (at, Message: (object)new TapReading(4.5m, 83, _meter.Odometer(at)) { ReadAt = at }));
        return pours.Concat(readings).OrderBy(item => item.Item1).Select(item => item.Message);
    }

    private void PourGlasses(DateTimeOffset last, bool drips)
    {
        var tillForgets = _evening.ForgetSaleEvery == 0 ? -1 : _random.Next(_evening.ForgetSaleEvery);
        for (var at = _start.AddSeconds(_random.Next(60, 120)); at < last; at = at.AddSeconds(_random.Next(120, 300)))
        {
            // The first one is measured in a jug.
            var nominalMl = _pours.Count == 0 ? 1_000 : Glasses[_random.Next(Glasses.Length)];
            var missesBy = _pours.Count == 0 ? 0 : 0.0025 * ((2 * _random.NextDouble()) - 1);
            var isForgotten = tillForgets >= 0 && _pours.Count % _evening.ForgetSaleEvery == tillForgets;
            Add(at, nominalMl * (1 + missesBy), nominalMl, isForgotten ? EveningPourKind.Forgotten : EveningPourKind.Sold);
            if (drips && _evening.DripPulses > 0)
            {
                var pulses = _random.Next(1, _evening.DripPulses + 1);
                _meter.Flow(_pours[^1].End, TimeSpan.FromSeconds(40), pulses);
                UnaccountedPulses += pulses;
            }
        }
    }

    private void PourFoam()
    {
        for (var n = 0; n < _evening.FoamFlows; n++)
        {
            Add(_pours[^1].End.AddSeconds(_random.Next(10, 30)), _random.Next(110, 180), 0, EveningPourKind.Foam);
        }
    }

    private void Add(DateTimeOffset at, double volumeMl, int nominalMl, EveningPourKind kind)
    {
        var pour = new EveningPour(
            Guid.CreateVersion7(at),
            at,
            // A beer tap gives three litres a minute.
            TimeSpan.FromSeconds(volumeMl / 50),
            (long)Math.Round(volumeMl * _truePulsesPerLitre / 1_000),
            nominalMl,
            kind
        );
        _meter.Flow(pour.Start, pour.End - pour.Start, pour.Pulses);
        _pours.Add(pour);
    }

    private decimal TrueMl(long pulses) => pulses * 1_000m / _truePulsesPerLitre;

    private decimal ReportedMl(long pulses) => Math.Round(pulses * 1_000m / _pulsesPerLitre, 3);
}

/// <summary>A pour of an evening.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Start">When it begins.</param>
/// <param name="Length">How long it takes.</param>
/// <param name="Pulses">What the meter counts of it.</param>
/// <param name="NominalMl">What the till sells it as.</param>
/// <param name="Kind">What it is.</param>
internal sealed record EveningPour(Guid Id, DateTimeOffset Start, TimeSpan Length, long Pulses, int NominalMl, EveningPourKind Kind)
{
    /// <summary>When it ends; whole milliseconds, as the API keeps them.</summary>
    public DateTimeOffset End { get; } = DateTimeOffset.FromUnixTimeMilliseconds((Start + Length).ToUnixTimeMilliseconds());
}

/// <summary>What a pour of an evening is.</summary>
internal enum EveningPourKind
{
    /// <summary>A glass that the till sells.</summary>
    Sold,

    /// <summary>A glass that is sold and the till does not tell of.</summary>
    Forgotten,

    /// <summary>Foam, poured away.</summary>
    Foam,
}
