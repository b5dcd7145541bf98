using System.Text;
using System.Text.Json;
using Taproom.Simulator;
using Taproom.Simulator.Faults;

namespace Tap.Simulator.Tests;

public sealed class FaultPlanTests
{
    private static readonly SimulatorOptions Seeded = new() { Seed = 7 };

    [Fact]
    public void Without_faults_nothing_happens()
    {
        var plan = Plan(new FaultOptions());

        Assert.All(Enumerable.Range(0, 1_000), _ =>
        {
            Assert.False(plan.DropsConnection() || plan.SendsTwice() || plan.StopsMidPour() is not null);
            Assert.Null(plan.Corrupted([1]));
            Assert.Equal(TimeSpan.Zero, plan.ClockSkew());
            Assert.Equal(TimeSpan.Zero, plan.HoldsBack(TimeSpan.FromSeconds(1)));
        });
    }

    [Fact]
    public void One_seed_gives_the_same_faults_and_switching_another_on_moves_none()
    {
        var some = Plan(new FaultOptions { SendTwice = 0.3 });
        var more = Plan(new FaultOptions { SendTwice = 0.3, DropConnection = 0.5 });

        Assert.Equal(Enumerable.Range(0, 100).Select(_ => some.SendsTwice()), Enumerable.Range(0, 100).Select(_ =>
        {
            more.DropsConnection();
            return more.SendsTwice();
        }));
    }

    [Fact]
    public void A_corrupted_payload_is_never_one_that_can_be_read()
    {
        var payload = Encoding.UTF8.GetBytes("""{"id":"x","volume":473,"seq":12}""");
        var plan = Plan(new FaultOptions { Corrupt = 1 });

        Assert.All(Enumerable.Range(0, 200), _ =>
            Assert.ThrowsAny<JsonException>(() => JsonDocument.Parse(plan.Corrupted(payload)!)));
    }

    private static FaultPlan Plan(FaultOptions options) => new(options, fault => Seeded.RandomFor(1, fault));
}
