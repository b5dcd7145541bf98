using System.Text;
using System.Text.Json;

namespace Tap.Simulator.Tests;

public sealed class FaultPlanTests
{
    private static readonly SimulatorOptions Seeded = new() { Seed = 7 };

    [Fact]
    public void Without_faults_nothing_happens()
    {
        var plan = Plan(new FaultOptions());

        Assert.All(
            Enumerable.Range(0, 1_000),
            _ =>
            {
                Assert.False(plan.DropsConnection() || plan.SendsTwice() || plan.StopsMidPour() is not null);
                Assert.Null(plan.StopsReading(TimeSpan.FromSeconds(1)));
                Assert.Null(plan.Corrupted([1]));
                Assert.Equal(TimeSpan.Zero, plan.ClockSkew());
                Assert.Equal(TimeSpan.Zero, plan.HoldsBack(TimeSpan.FromSeconds(1)));
            }
        );
    }

    [Fact]
    public void One_seed_gives_the_same_faults_and_switching_others_on_moves_none()
    {
        var chances = typeof(FaultOptions).GetProperties().Where(option => option.PropertyType == typeof(double)).ToList();
        foreach (var fault in chances)
        {
            var (alone, among) = (new FaultOptions(), new FaultOptions());
            fault.SetValue(alone, 0.3);
            foreach (var any in chances)
            {
                any.SetValue(among, any == fault ? 0.3 : 0.5);
            }

            var draws = Draws(Plan(alone), fault.Name);
            Assert.Equal(draws, Draws(Plan(among), fault.Name));
            Assert.InRange(draws.Count(draw => draw is not (null or false) && !Equals(draw, TimeSpan.Zero)), 200, 400);
        }
    }

    [Fact]
    public void A_corrupted_payload_is_never_one_that_can_be_read()
    {
        var payload = Encoding.UTF8.GetBytes("""{"id":"x","volume":473,"seq":12}""");
        var plan = Plan(new FaultOptions { Corrupt = 1 });

        Assert.All(Enumerable.Range(0, 200), _ => Assert.ThrowsAny<JsonException>(() => JsonDocument.Parse(plan.Corrupted(payload)!)));
    }

    /// <summary>A thousand draws of a fault, while all others are drawn too.</summary>
    private static List<object?> Draws(FaultPlan plan, string fault) =>
        [
            .. Enumerable
                .Range(0, 1_000)
                .Select(_ =>
                    new Dictionary<string, object?>
                    {
                        [nameof(FaultOptions.DropConnection)] = plan.DropsConnection(),
                        [nameof(FaultOptions.StopMidPour)] = plan.StopsMidPour(),
                        [nameof(FaultOptions.SendTwice)] = plan.SendsTwice(),
                        [nameof(FaultOptions.OutOfOrder)] = plan.HoldsBack(TimeSpan.FromSeconds(1)),
                        [nameof(FaultOptions.SkewClock)] = plan.ClockSkew(),
                        [nameof(FaultOptions.CopyId)] = plan.CopiesId(),
                        [nameof(FaultOptions.Corrupt)] = plan.Corrupted(new byte[100])?.Length,
                        [nameof(FaultOptions.StopReading)] = plan.StopsReading(TimeSpan.FromSeconds(1)),
                    }[fault]
                ),
        ];

    private static FaultPlan Plan(FaultOptions options) => new(options, fault => Seeded.RandomFor(1, fault));
}
