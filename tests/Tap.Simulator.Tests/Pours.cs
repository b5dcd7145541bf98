namespace Tap.Simulator.Tests;

/// <summary>Pours for tests.</summary>
internal static class Pours
{
    /// <summary>A pint with an id of its own.</summary>
    public static Pour Pint(int seq) => new(Guid.CreateVersion7(), 473.3m, DateTimeOffset.UnixEpoch.AddSeconds(seq), seq, 213, 213 * seq, 11_000);
}
