using Taproom.Ingest;
using Taproom.Testing;

namespace Mqtt.Bridge.Tests;

[Collection(nameof(RedisCollection))]
public sealed class ReceiptTests(RedisServer redis)
{
    [Theory]
    [InlineData("311")]
    [InlineData("5")]
    public async Task A_tap_hears_its_receipts_and_no_others(string version)
    {
        await using var bridge = await TestBridge.StartAsync(redis);
        using var tap = Mosquitto.Subscribe(
            bridge.Port, "taps/7/#", "-q", "1", "-V", version, "-u", "7", "-i", "tap-7", "-C", "2", "-F", "%t %q %p");
        try
        {
            var receipts = bridge.Get<Receipts>();
            var id = Guid.NewGuid();

            // A receipt that nobody hears yet is lost, as the contract has it.
            await Eventually.TrueAsync(
                async () =>
                {
                    await receipts.PublishAsync(new Receipt("8", [Guid.NewGuid()]));
                    await receipts.PublishAsync(new Receipt("7", [id]));
                    return tap.HasExited;
                },
                "mosquitto_sub has two messages");

            var expected = $$"""taps/7/receipts 1 {"ids":["{{id}}"]}""";
            Assert.Equal($"{expected}\n{expected}\n", await tap.StandardOutput.ReadToEndAsync());
        }
        finally
        {
            tap.Kill();
        }
    }
}
