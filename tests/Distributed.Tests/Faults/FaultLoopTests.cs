using System.Diagnostics;
using MQTTnet.Formatter;
using Xunit.Abstractions;

namespace Distributed.Tests.Faults;

[Trait("Category", "Faults")]
public sealed class FaultLoopTests(ITestOutputHelper output)
{
    private const int FirstBehindBroker = 31;
    private const int Copier = 41;

    [Fact]
    public async Task Whatever_dies_every_acknowledged_pour_is_stored_once_and_all_sums_are_right()
    {
        var options = FaultOptions.Read();
        using var log = new RunLog(output);
        log.Say($"{options.Count} faults, seed {options.Seed}, {options.PerSecond} pours/s");
        await using var taproom = new RunningTaproom();
        await taproom.StartAsync(isWhole: true);
        var ledger = new PourLedger();
        var taps = await TapsAsync(taproom, ledger);
        await using var entries = await AcceptedEntries.StartAsync(taproom, ledger);
        await using var archive = new ArchivedLines(taproom);
        await using var memory = new MemorySamples(taproom);
        await using var pouring = new PouringTaps(taps[..^1], ledger, options.PerSecond, copier: taps[^1]);

        await entries.SomeAsync();
        var steps = await RunStepsAsync(taproom, ledger, options, log);
        await pouring.CloseAsync();
        log.Say($"quiet: {pouring.Pending} pours are not acknowledged yet");
        await pouring.AcknowledgedAsync();
        await archive.UploadedAsync();

        var account = await Account.CompareAsync(taproom, ledger, entries, [.. taps.Select(tap => tap.Id).Where(id => id < FirstBehindBroker)]);
        var report = new RunReport(options, steps, account, ledger, entries, memory.Services);
        log.Say(report.ToText());
        Assert.Empty(account.Faults.Concat(await archive.FaultsAsync(ledger, entries)));
        if (options.IsLong)
        {
            Assert.All(memory.Services, service => Assert.True(service.Value.Ratio <= 1.5, $"{service.Key} has grown: {service.Value}"));
        }

        if (options.Writes)
        {
            await report.WriteAsync(taproom);
        }
    }

    private static async Task<IReadOnlyList<IReadOnlyList<Fault>>> RunStepsAsync(
        RunningTaproom taproom,
        PourLedger ledger,
        FaultOptions options,
        RunLog log
    )
    {
        var (watch, random, steps) = (Stopwatch.StartNew(), new Random(options.Seed), new List<IReadOnlyList<Fault>>());
        foreach (var step in FaultPlan.Steps([.. Fault.All(taproom)], options.Count, options.Seed))
        {
            if (watch.Elapsed > options.AtMost)
            {
                break;
            }

            (ledger.Step, var startedAt) = (steps.Count, watch.Elapsed);
            steps.Add(step);
            await Task.WhenAll(step.Select(fault => fault.RunAsync(new Random(random.Next()))));
            log.Say(
                $"{steps.Count}: {string.Join(" and ", step.Select(fault => $"{fault.Kind} {fault.Target}"))}: {watch.Elapsed - startedAt:s\\.f} s"
            );
            await Task.Delay(random.Next(0, options.IsLong ? 1_500 : 300));
        }

        return steps;
    }

    /// <summary>Forty taps at all transports, and one that uses the ids of others.</summary>
    private static async Task<List<JournaledTap>> TapsAsync(RunningTaproom taproom, PourLedger ledger)
    {
        await taproom.RegisterAsync(Enumerable.Range(1, Copier));
        var (mqtt5, mqtt3, api, broker) = (
            taproom.BridgeTransports(MqttProtocolVersion.V500),
            taproom.BridgeTransports(MqttProtocolVersion.V311),
            taproom.ApiTransport(),
            taproom.BrokerTransport()
        );
        return
        [
            .. Enumerable
                .Range(1, Copier)
                .Select(id => new JournaledTap(
                    id,
                    id switch
                    {
                        <= 10 => mqtt5,
                        <= 16 => mqtt3,
                        <= 24 => [api],
                        // What was sent one way comes again on the other.
                        < FirstBehindBroker => [mqtt5[id % mqtt5.Count], api],
                        < Copier => [broker],
                        _ => mqtt5,
                    },
                    waitsForReceipts: id is >= FirstBehindBroker and < Copier,
                    ledger
                )),
        ];
    }
}
