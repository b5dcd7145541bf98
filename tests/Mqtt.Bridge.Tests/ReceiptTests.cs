using System.Collections.Concurrent;
using System.Diagnostics;
using Taproom.Ingest;
using Taproom.Testing;

namespace Mqtt.Bridge.Tests;

[Collection(nameof(RedisCollection))]
public sealed class ReceiptTests(RedisServer redis)
{
    [Fact]
    public async Task A_tap_hears_its_receipts_and_no_others()
    {
        await using var bridge = await TestBridge.StartAsync(redis);
        using var tap = Mosquitto.Subscribe(bridge.Port, "taps/7/receipts", "-q", "1", "-V", "5", "-u", "7", "-F", "receipt %p");
        try
        {
            var lines = Collect(tap);
            await Eventually.TrueAsync(() => Task.FromResult(lines.Any(line => line.Contains("SUBACK"))), "mosquitto_sub is subscribed");
            var receipts = bridge.Get<Receipts>();
            var id = Guid.NewGuid();

            // The bridge hears receipts some time after its start; until then they are lost, as the contract has it.
            await Eventually.TrueAsync(
                async () =>
                {
                    await receipts.PublishAsync(new Receipt("8", [Guid.NewGuid()]));
                    await receipts.PublishAsync(new Receipt("7", [id]));
                    return lines.Any(IsReceipt);
                },
                "a receipt arrives");

            Assert.All(lines.Where(IsReceipt), line => Assert.Equal($$"""receipt {"ids":["{{id}}"]}""", line));
        }
        finally
        {
            tap.Kill();
        }
    }

    private static bool IsReceipt(string line) => line.StartsWith("receipt ", StringComparison.Ordinal);

    private static ConcurrentQueue<string> Collect(Process process)
    {
        var lines = new ConcurrentQueue<string>();
        process.OutputDataReceived += (_, line) => lines.Enqueue(line.Data ?? "");
        process.ErrorDataReceived += (_, line) => lines.Enqueue(line.Data ?? "");
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return lines;
    }
}
