using System.Collections.Concurrent;
using Taproom.Signals;
using Testing;

namespace Consumer.Worker.Tests;

[Collection(nameof(ServersCollection))]
public sealed class IdentityTests(Servers servers)
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_pour_with_the_id_of_another_taps_pour_is_a_dead_letter_that_names_both_and_gets_no_receipt(bool inOneBatch)
    {
        await using var worker = await Worker.CreateAsync(servers, ("Ingest:Partitions", "1"));
        var told = new ConcurrentQueue<Receipt>();
        await worker.Get<Receipts>().SubscribeAsync(told.Enqueue);
        var id = Guid.NewGuid();
        await worker.AppendAsync("""{"volume":500}""", tap: "7", id: id);
        if (!inOneBatch)
        {
            await worker.TurnAsync();
        }

        await worker.AppendAsync("""{"volume":400}""", tap: "8", id: id);
        await worker.AppendAsync("""{"volume":500}""", tap: "7", id: id);
        await worker.TurnAsync();

        Assert.Equal((7, 500m), (Assert.Single(await worker.PoursAsync()) is var pour ? (pour.TapId, pour.VolumeMl) : default));
        var letter = Assert.Single(await worker.DeadLettersAsync());
        Assert.Equal($"Pour {id} of tap 8 has the id of a pour of tap 7.", (string?)letter["reason"]);
        Assert.Equal("8", (string?)letter["tap"]);
        Assert.Equal(0, await worker.PendingAsync());
        await Eventually.TrueAsync(() => Task.FromResult(!told.IsEmpty), "tap 7 has its receipt");
        Assert.All(told, receipt => Assert.Equal("7", receipt.Tap));
    }

    [Fact]
    public async Task A_receipt_has_the_id_as_the_tap_wrote_it()
    {
        await using var worker = await Worker.CreateAsync(servers, ("Ingest:Partitions", "1"));
        var told = new ConcurrentQueue<Receipt>();
        await worker.Get<Receipts>().SubscribeAsync(told.Enqueue);
        var id = Guid.NewGuid();
        var written = id.ToString().ToUpperInvariant();
        await worker.AppendAsync($$"""{"id":"{{written}}","volume":500}""", id: id);

        await worker.TurnAsync();

        await Eventually.TrueAsync(() => Task.FromResult(!told.IsEmpty), "the receipt");
        Assert.Equal((id, written), (told.Single().Ids.Single(), told.Single().IdsAsSent.Single()));
    }

    [Theory]
    [InlineData("0001-01-01T00:00:00Z", true)]
    [InlineData("1999-12-31T23:59:59Z", true)]
    [InlineData("2000-01-01T00:00:00Z", false)]
    [InlineData("2099-01-01T00:00:00Z", true)]
    [InlineData("9999-12-31T23:30:00Z", true)]
    public async Task A_time_that_cannot_be_believed_is_replaced_by_that_of_receipt(string pouredAt, bool isSuspect)
    {
        await using var worker = await Worker.CreateAsync(servers, ("Ingest:Partitions", "1"));
        var entry = await worker.AppendAsync($$"""{"volume":500,"pouredAt":"{{pouredAt}}"}""");

        await worker.TurnAsync();

        var pour = Assert.Single(await worker.PoursAsync());
        Assert.Equal(isSuspect, pour.ClockSuspect);
        Assert.Equal(isSuspect ? entry.ReceivedAt.ToUnixTimeMilliseconds() : 946_684_800_000, pour.PouredAt.ToUnixTimeMilliseconds());
    }
}
