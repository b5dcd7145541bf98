using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using Tap.Simulator.Taps;

namespace Tap.Simulator.Meters;

/// <summary>All simulated meters, with the credentials that a poll needs.</summary>
internal sealed class MeterFleet
{
    private const int PasswordBytes = 16;

    private readonly MeterOptions _options;
    private readonly Dictionary<string, SimulatedMeter> _meters;

    public MeterFleet(IOptions<MeterOptions> options, IOptions<SimulatorOptions> simulator)
    {
        _options = options.Value;
        Password = string.IsNullOrEmpty(_options.Password)
            ? Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(PasswordBytes))
            : _options.Password;
        _meters = Enumerable
            .Range(_options.First, _options.Count)
            .Select(number => new SimulatedMeter(number, _options, purpose => simulator.Value.RandomFor(number, purpose)))
            .ToDictionary(meter => meter.Id);
    }

    /// <summary>The meters.</summary>
    public IReadOnlyCollection<SimulatedMeter> Meters => _meters.Values;

    /// <summary>User name of all meters.</summary>
    public string User => _options.User;

    /// <summary>Password of all meters.</summary>
    public string Password { get; }

    /// <summary>How long a slow answer takes.</summary>
    public TimeSpan SlowFor => _options.SlowFor;

    /// <summary>The meter of an id; null when there is none of this kind.</summary>
    public SimulatedMeter? Find(string id, bool rainforest) =>
        _meters.GetValueOrDefault(id) is { } meter && meter.IsRainforest == rainforest ? meter : null;

    /// <summary>Whether these are the credentials.</summary>
    public bool IsAuthorized(string user, string password) => AreEqual(user, User) & AreEqual(password, Password);

    private static bool AreEqual(string given, string expected) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(given), Encoding.UTF8.GetBytes(expected));
}
