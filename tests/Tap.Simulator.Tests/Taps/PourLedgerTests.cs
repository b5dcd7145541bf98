namespace Tap.Simulator.Tests;

public sealed class PourLedgerTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_id_of_a_stored_pour_can_be_copied_by_another_tap_whether_or_not_the_run_is_verified(bool records)
    {
        var ledger = new PourLedger(records);
        var id = Guid.NewGuid();
        ledger.Poured(1, id);
        Assert.Null(ledger.IdOfAnother(2));

        ledger.Stored(1, id);

        Assert.Equal(id, ledger.IdOfAnother(2));
        Assert.Null(ledger.IdOfAnother(1));
    }
}
