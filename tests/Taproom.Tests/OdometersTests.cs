using Taproom.Pours;

namespace Taproom.Tests;

public sealed class OdometersTests
{
    [Theory]
    [InlineData(0, 213, 213, false)]
    [InlineData(90_210, 90_210, 0, false)]
    [InlineData(90_210, 90_423, 213, false)]
    // Full at 32 bits.
    [InlineData(4_294_967_295, 0, 1, false)]
    [InlineData(4_294_967_200, 300, 396, false)]
    [InlineData(4_294_967_200, 4_294_967_400, 200, false)]
    // A meter of more bits is not full there.
    [InlineData(4_294_967_296, 300, 300, true)]
    [InlineData(90_210, 300, 300, true)]
    [InlineData(90_210, 0, 0, true)]
    [InlineData(3_000_000_000, 213, 213, true)]
    // Two pours that changed places.
    [InlineData(90_423, 90_210, -213, false)]
    [InlineData(long.MaxValue, long.MaxValue - 1, -1, false)]
    [InlineData(long.MaxValue, 0, 0, true)]
    public void An_odometer_goes_on_is_full_or_begins_anew(long before, long now, long pulses, bool isReset) =>
        Assert.Equal((pulses, isReset), Odometers.Advance(before, now));
}
