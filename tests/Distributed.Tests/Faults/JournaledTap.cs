using System.Threading.Channels;

namespace Distributed.Tests.Faults;

/// <summary>A tap that pours at its pace whatever happens, and reports each pour until it is acknowledged, and then never again.</summary>
/// <param name="id">Its id.</param>
/// <param name="transports">Where it may report; after a lost connection it takes the next one.</param>
/// <param name="waitsForReceipts">Whether an acknowledgement is not enough: behind a broker, who stores tells it only by a receipt.</param>
/// <param name="ledger">Told of its pours.</param>
internal sealed class JournaledTap(int id, IReadOnlyList<ITapTransport> transports, bool waitsForReceipts, PourLedger ledger) : IDisposable
{
    /// <summary>Of more pours that wait it does not know where to keep them, and pours nothing.</summary>
    private const int MaxPending = 2_000;

    private static readonly TimeSpan ResendAfter = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private readonly SortedDictionary<int, PourRecord> _journal = [];

    // Holds one signal at most: that something has changed since it was last read.
    private readonly Channel<bool> _changed = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite }
    );
    private readonly CancellationTokenSource _end = new();
    private Task _reporting = Task.CompletedTask;
    private DateTimeOffset _newest;
    private int _seq;

    /// <summary>Its id.</summary>
    public int Id => id;

    /// <summary>Pours that are not acknowledged.</summary>
    public int Pending
    {
        get
        {
            lock (_gate)
            {
                return _journal.Count;
            }
        }
    }

    /// <summary>Begins to report.</summary>
    public void Start() => _reporting = Task.Run(() => ReportAsync(_end.Token));

    /// <summary>Pours a glass.</summary>
    /// <param name="copied">The pour whose id it takes; null for a new one.</param>
    public void Pour(PourRecord? copied = null)
    {
        lock (_gate)
        {
            if (_journal.Count >= MaxPending)
            {
                return;
            }

            var now = DateTimeOffset.FromUnixTimeMilliseconds(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds());
            _newest = now > _newest ? now : _newest.AddMilliseconds(1);
            var pour = new PourRecord(copied?.Id ?? Guid.CreateVersion7(), id, ++_seq, 200 + (_seq * 7 % 700), _newest);
            ledger.Poured(pour);
            _journal[pour.Seq] = pour;
        }

        _changed.Writer.TryWrite(true);
    }

    /// <summary>Ends it; what is not acknowledged stays so.</summary>
    public async Task StopAsync()
    {
        await _end.CancelAsync();
        await _reporting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <inheritdoc />
    public void Dispose() => _end.Dispose();

    private async Task ReportAsync(CancellationToken end)
    {
        for (var n = id; ; n++)
        {
            try
            {
                using var connection = await transports[n % transports.Count].OpenAsync(id, Stored, end);
                await SendAsync(connection, end);
            }
            catch (Exception ex) when (!end.IsCancellationRequested)
            {
                if (ex is UnexpectedAnswerException)
                {
                    ledger.Unexpected.Enqueue($"Tap {id}: {ex.Message}");
                }

                await Task.Delay(Random.Shared.Next(50, 500), end);
            }
        }
    }

    private async Task SendAsync(ITapConnection connection, CancellationToken end)
    {
        using var failed = CancellationTokenSource.CreateLinkedTokenSource(end, connection.Lost);
        using var window = new SemaphoreSlim(connection.Window);
        var underWay = new List<Task>();
        Exception? cause = null;
        lock (_gate)
        {
            _journal.Values.ToList().ForEach(pour => pour.SentAt = null);
        }

        try
        {
            while (true)
            {
                var pour = await NextAsync(failed.Token);
                await window.WaitAsync(failed.Token);
                underWay.RemoveAll(task => task.IsCompleted);
                underWay.Add(SendOneAsync(pour));
            }
        }
        catch (OperationCanceledException) when (!end.IsCancellationRequested)
        {
            throw cause ?? new IOException("The connection is lost.");
        }
        finally
        {
            await failed.CancelAsync();
            // What fails later must not fail for the next connection.
            connection.Dispose();
            await Task.WhenAll(underWay);
        }

        async Task SendOneAsync(PourRecord pour)
        {
            try
            {
                await connection.SendAsync(pour, failed.Token);
                if (!waitsForReceipts)
                {
                    Acknowledge(pour.Seq, isStored: false);
                }

                window.Release();
            }
            catch (Exception ex)
            {
                cause ??= ex;
                await failed.CancelAsync();
            }
        }
    }

    private async Task<PourRecord> NextAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            lock (_gate)
            {
                foreach (var pour in _journal.Values)
                {
                    if (pour.SentAt is not { } sentAt || (waitsForReceipts && TimeProvider.System.GetElapsedTime(sentAt) > ResendAfter))
                    {
                        pour.SentAt = TimeProvider.System.GetTimestamp();
                        return pour;
                    }
                }
            }

            using var timer = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            timer.CancelAfter(waitsForReceipts ? ResendAfter : Timeout.InfiniteTimeSpan);
            try
            {
                await _changed.Reader.ReadAsync(timer.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                // The receipt of the first is overdue.
            }
        }
    }

    private void Stored(IReadOnlyList<Guid> ids)
    {
        foreach (var stored in ids)
        {
            if (ledger.Pours.TryGetValue(stored, out var pour) && pour.Tap == id)
            {
                Acknowledge(pour.Seq, isStored: true);
            }
        }
    }

    private void Acknowledge(int seq, bool isStored)
    {
        lock (_gate)
        {
            if (_journal.Remove(seq, out var pour))
            {
                ledger.Acknowledged(pour, isStored);
            }
        }
    }
}
