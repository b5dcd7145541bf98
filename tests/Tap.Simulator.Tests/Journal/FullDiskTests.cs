namespace Tap.Simulator.Tests;

public sealed class FullDiskTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private bool _isFull;

    private string Path => _folder.File("tap-7.journal");

    [Fact]
    public void A_full_disk_is_named_costs_no_kept_pour_and_leaves_no_half_line()
    {
        var (first, refused, second) = (Pours.Pint(1), Pours.Pint(2), Pours.Pint(2));
        using (var journal = PourJournal.Open(Path, Open))
        {
            journal.Append(first);
            _isFull = true;
            var failure = Assert.Throws<JournalException>(() => journal.Append(refused));
            Assert.Equal($"The journal {Path} cannot be used: No space left on device", failure.Message);
            Assert.Equal([first], journal.Pending);
            Assert.Equal(1, journal.LastSeq);

            _isFull = false;
            journal.Append(second);
        }

        using var reopened = PourJournal.Open(Path);
        Assert.Equal([first, second], reopened.Pending);
        Assert.Equal(0, reopened.Damaged);
    }

    [Fact]
    public void A_pour_that_is_freed_while_the_disk_is_full_is_not_sent_again_by_this_process()
    {
        var pour = Pours.Pint(1);
        using (var journal = PourJournal.Open(Path, Open))
        {
            journal.Append(pour);
            _isFull = true;

            Assert.Single(journal.Remove([pour.Id]));

            Assert.Empty(journal.Pending);
        }

        // Another process knows nothing of that; sending once more does no harm.
        using var reopened = PourJournal.Open(Path);
        Assert.Equal([pour], reopened.Pending);
    }

    [Fact]
    public void A_journal_that_cannot_be_rewritten_stays_as_it_is()
    {
        using (var journal = PourJournal.Open(Path, path => new Disk(this, path, full: path != Path)))
        {
            for (var seq = 1; seq <= 1_200; seq++)
            {
                var pour = Pours.Pint(seq);
                journal.Append(pour);
                journal.Remove([pour.Id]);
            }
        }

        Assert.Equal([Path], Directory.GetFiles(_folder.Path));
        using var reopened = PourJournal.Open(Path);
        Assert.Equal((0, 1_200, 0), (reopened.Count, reopened.LastSeq, reopened.Damaged));
    }

    [Fact]
    public void A_journal_that_can_never_be_rewritten_stops_growing_and_takes_no_pour_until_it_can()
    {
        var mayRewrite = false;
        var taken = 0;
        using (var journal = PourJournal.Open(Path, path => new Disk(this, path, full: path != Path && !mayRewrite)))
        {
            var failure = Assert.Throws<JournalException>(() =>
            {
                for (; taken < 10_000; taken++)
                {
                    var pour = Pours.Pint(taken + 1);
                    journal.Append(pour);
                    journal.Remove([pour.Id]);
                }
            });

            Assert.Equal($"The journal {Path} cannot be used: No space left on device", failure.Message);
            // A line for the pour, another for its end.
            Assert.Equal(4_000 / 2, taken);
            mayRewrite = true;
            journal.Append(Pours.Pint(taken + 1));
        }

        Assert.Equal(2, File.ReadAllLines(Path).Length);
    }

    public void Dispose() => _folder.Dispose();

    private FileStream Open(string path) => new Disk(this, path, full: false);

    /// <summary>A file on a disk with room for a few bytes more, while it is full.</summary>
    private sealed class Disk(FullDiskTests test, string path, bool full)
        : FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0)
    {
        public override void Write(ReadOnlySpan<byte> buffer)
        {
            if (full || test._isFull)
            {
                base.Write(buffer[..10]);
                throw new IOException("No space left on device");
            }

            base.Write(buffer);
        }
    }
}
