using Microsoft.Extensions.Time.Testing;
using Testing;

namespace Mqtt.Bridge.Tests.HomeAssistant;

/// <summary>The clock of a bridge under test.</summary>
internal static class Clock
{
    /// <summary>Moves it on, step by step, until something holds: nobody tells when a timer waits for it.</summary>
    public static Task AdvanceUntilAsync(this FakeTimeProvider time, Func<bool> holds, TimeSpan step) =>
        Eventually.TrueAsync(
            () =>
            {
                time.Advance(step);
                return Task.FromResult(holds());
            },
            "the clock has come that far",
            TimeSpan.FromSeconds(60)
        );
}
