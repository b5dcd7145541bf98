using System.Globalization;

namespace Distributed.Tests.Faults;

/// <summary>How the faults are run: the short form, or as <c>./test --faults</c> says by variables of the environment.</summary>
/// <param name="Count">How many faults.</param>
/// <param name="Seed">Seed of their order.</param>
/// <param name="PerSecond">Pours a second of all taps together.</param>
/// <param name="AtMost">After this no further fault begins.</param>
/// <param name="IsLong">Whether it is the long form.</param>
/// <param name="Writes">Whether it writes docs/reliability.md.</param>
internal sealed record FaultOptions(int Count, int Seed, int PerSecond, TimeSpan AtMost, bool IsLong, bool Writes)
{
    /// <summary>Reads FAULTS_COUNT, FAULTS_SEED and FAULTS_WRITE.</summary>
    public static FaultOptions Read() =>
        Number("FAULTS_COUNT") is { } count
            ? new(count, Number("FAULTS_SEED") ?? Random.Shared.Next(1, 1_000_000), 500, TimeSpan.FromMinutes(22), true, Number("FAULTS_WRITE") == 1)
            : new(10, Number("FAULTS_SEED") ?? 1, 100, TimeSpan.FromSeconds(45), false, false);

    private static int? Number(string name) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
