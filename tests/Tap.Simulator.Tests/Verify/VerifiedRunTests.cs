using Testing;

namespace Tap.Simulator.Tests;

[Collection(nameof(LineCollection))]
public sealed class VerifiedRunTests(Line line)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(240);

    [Fact]
    public async Task With_all_faults_at_once_no_pour_is_lost_or_doubled_over_any_protocol()
    {
        using var journals = new TemporaryFolder();
        (string Protocol, int FirstTap)[] runs = [("mqtt5", 1), ("mqtt3.1.1", 101), ("http", 201)];

        var simulators = runs.Select(run =>
                line.Simulator(
                    "--verify",
                    "--protocol",
                    run.Protocol,
                    "--first-tap",
                    $"{run.FirstTap}",
                    "--taps",
                    "10",
                    "--rate",
                    "30",
                    "--duration",
                    "6s",
                    "--seed",
                    "7",
                    "--journal",
                    journals.File(run.Protocol),
                    "--drop-connection",
                    "0.05",
                    "--stop-mid-pour",
                    "0.05",
                    "--send-twice",
                    "0.1",
                    "--out-of-order",
                    "0.1",
                    "--skew-clock",
                    "0.1",
                    "--corrupt",
                    "0.05",
                    "--stop-reading",
                    "0.05",
                    "--stop-reading-for",
                    "2s"
                )
            )
            .ToList();
        try
        {
            foreach (var simulator in simulators)
            {
                var (exitCode, output) = await simulator.ExitAsync(Patience);

                Assert.True(exitCode == 0, output);
                Assert.Matches(@"poured [1-9]\d+, stored [1-9]\d+, refused 0, lost 0, duplicated 0", output);
                Assert.Contains("The power of tap", output);
                Assert.Contains("reads nothing for", output);
                Assert.Contains("has no connection", output);
            }
        }
        finally
        {
            foreach (var simulator in simulators)
            {
                await simulator.DisposeAsync();
            }
        }
    }

    [Fact]
    public async Task Wrong_clocks_copied_ids_and_QoS_2_are_dead_letters_or_repetitions_and_no_losses()
    {
        await using var simulator = line.Simulator(
            "--verify",
            "--qos",
            "2",
            "--first-tap",
            "601",
            "--taps",
            "4",
            "--rate",
            "20",
            "--duration",
            "5s",
            "--seed",
            "7",
            "--clock-skew",
            "2.00:00:00",
            "--readings",
            "1s",
            "--copy-id",
            "0.2",
            "--corrupt",
            "0.1",
            "--send-twice",
            "0.2"
        );

        var (exitCode, output) = await simulator.ExitAsync(Patience);

        Assert.True(exitCode == 0, output);
        Assert.Matches(@"poured [1-9]\d+, stored [1-9]\d+, refused 0, lost 0, duplicated 0", output);
        Assert.Matches(@"on purpose: repeated [1-9]\d*, bad [1-9]\d*; dead letters [1-9]\d*", output);
    }

    [Fact]
    public async Task What_is_missing_from_the_API_is_listed_and_the_run_ends_with_1()
    {
        // Nobody takes these taps' pours to the API: they are acknowledged by a broker that only keeps them to itself.
        var broker = new MosquittoBroker();
        await broker.InitializeAsync();
        try
        {
            await using var simulator = line.Simulator(
                "--verify",
                "--mqtt",
                $"mqtt://127.0.0.1:{broker.Port}",
                "--no-receipts",
                "--first-tap",
                "501",
                "--taps",
                "2",
                "--rate",
                "10",
                "--duration",
                "2s",
                "--patience",
                "1s"
            );

            var (exitCode, output) = await simulator.ExitAsync(Patience);

            Assert.Equal(1, exitCode);
            Assert.Matches(@"poured [1-9]\d*, stored 0, refused 0, lost [1-9]\d*, duplicated 0", output);
            Assert.Matches(@"lost: tap 50[12], pour [0-9a-f-]{36}", output);
        }
        finally
        {
            await broker.DisposeAsync();
        }
    }
}
