namespace Tap.Simulator.Tests;

public sealed class PourJournalTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Path => _folder.File("tap-7.journal");

    [Fact]
    public void A_pour_is_there_again_after_a_restart_until_it_is_freed()
    {
        var (first, second) = (Pours.Pint(1), Pours.Pint(2));
        using (var journal = PourJournal.Open(Path))
        {
            journal.Append(first);
            journal.Append(second);
        }

        using (var journal = PourJournal.Open(Path))
        {
            Assert.Equal([first, second], journal.Pending);
            Assert.Equal([first.Id], journal.Remove([first.Id, Guid.NewGuid()]));
        }

        using (var journal = PourJournal.Open(Path))
        {
            Assert.Equal([second], journal.Pending);
            Assert.Equal(2, journal.LastSeq);
            Assert.Equal(0, journal.Damaged);
        }
    }

    [Fact]
    public void A_line_whose_writing_was_interrupted_is_left_out_and_the_next_pour_is_kept()
    {
        var (first, second) = (Pours.Pint(1), Pours.Pint(2));
        using (var journal = PourJournal.Open(Path))
        {
            journal.Append(first);
        }

        File.AppendAllText(Path, """{"poured":{"id":"01""");
        using (var journal = PourJournal.Open(Path))
        {
            Assert.Equal(1, journal.Damaged);
            journal.Append(second);
        }

        using (var journal = PourJournal.Open(Path))
        {
            Assert.Equal([first, second], journal.Pending);
            Assert.Equal(0, journal.Damaged);
        }
    }

    [Fact]
    public void A_damaged_line_costs_no_other()
    {
        var (first, second) = (Pours.Pint(1), Pours.Pint(2));
        using (var journal = PourJournal.Open(Path))
        {
            journal.Append(first);
        }

        File.AppendAllText(Path, "\0\0\0\n");
        using (var journal = PourJournal.Open(Path))
        {
            journal.Append(second);
        }

        using var reopened = PourJournal.Open(Path);
        Assert.Equal([first, second], reopened.Pending);
        Assert.Equal(1, reopened.Damaged);
    }

    [Fact]
    public void It_does_not_grow_for_ever_and_goes_on_counting()
    {
        var last = Pours.Pint(3_001);
        using (var journal = PourJournal.Open(Path))
        {
            for (var seq = 1; seq <= 3_000; seq++)
            {
                var pour = Pours.Pint(seq);
                journal.Append(pour);
                journal.Remove([pour.Id]);
            }

            journal.Append(last);
        }

        Assert.True(File.ReadLines(Path).Count() < 1_100);
        using var reopened = PourJournal.Open(Path);
        Assert.Equal([last], reopened.Pending);
        Assert.Equal((3_001, 3_001 * 213), (reopened.LastSeq, reopened.LastOdometer));
    }

    [Fact]
    public void What_is_still_pending_survives_the_rewriting_of_the_file()
    {
        var pending = Enumerable.Range(1, 5).Select(Pours.Pint).ToList();
        using (var journal = PourJournal.Open(Path))
        {
            pending.ForEach(journal.Append);
            for (var seq = 6; seq <= 1_500; seq++)
            {
                var pour = Pours.Pint(seq);
                journal.Append(pour);
                journal.Remove([pour.Id]);
            }
        }

        using var reopened = PourJournal.Open(Path);
        Assert.Equal(pending, reopened.Pending);
    }

    [Fact]
    public void A_power_cut_in_the_middle_of_any_byte_of_a_line_costs_that_line_only()
    {
        var (first, second) = (Pours.Pint(1), Pours.Pint(2));
        using (var journal = PourJournal.Open(Path))
        {
            journal.Append(first);
            journal.Append(second);
        }

        var content = File.ReadAllBytes(Path);
        var lastLine = Array.IndexOf(content, (byte)'\n') + 1;
        for (var kept = lastLine; kept < content.Length; kept++)
        {
            File.WriteAllBytes(Path, content[..kept]);
            using var journal = PourJournal.Open(Path);
            Assert.Equal([first], journal.Pending);
            Assert.Equal(kept == lastLine ? 0 : 1, journal.Damaged);
        }
    }

    [Fact]
    public void A_journal_that_another_has_cannot_be_used_and_is_named()
    {
        using var journal = PourJournal.Open(Path);

        Assert.Contains(Path, Assert.Throws<JournalException>(() => PourJournal.Open(Path)).Message);
    }

    [Fact]
    public void A_journal_whose_folder_is_a_file_cannot_be_used_and_is_named()
    {
        File.WriteAllText(Path, "");
        var path = System.IO.Path.Combine(Path, "tap-8.journal");

        Assert.Contains(path, Assert.Throws<JournalException>(() => PourJournal.Open(path)).Message);
    }

    public void Dispose() => _folder.Dispose();
}
