using Testing;

namespace Distributed.Tests.Faults;

/// <summary>Taps that pour by turns, all together so many glasses a second, until they are told to stop.</summary>
internal sealed class PouringTaps : IAsyncDisposable
{
    // How long the last pours may take; nothing is poured any more.
    private static readonly TimeSpan Quiet = TimeSpan.FromMinutes(3);

    private readonly IReadOnlyList<JournaledTap> _taps;
    private readonly JournaledTap? _copier;
    private readonly PourLedger _ledger;
    private readonly CancellationTokenSource _closing = new();
    private readonly Task _pouring;

    /// <summary>Begins to pour.</summary>
    /// <param name="taps">The taps.</param>
    /// <param name="ledger">What they know.</param>
    /// <param name="perSecond">Pours a second.</param>
    /// <param name="copier">A tap that now and then pours with the id of another's pour; null for none.</param>
    public PouringTaps(IReadOnlyList<JournaledTap> taps, PourLedger ledger, int perSecond, JournaledTap? copier = null)
    {
        (_taps, _ledger, _copier) = (taps, ledger, copier);
        foreach (var tap in All)
        {
            tap.Start();
        }

        _pouring = Task.Run(() => PourAsync(perSecond));
    }

    /// <summary>Pours that are not acknowledged.</summary>
    public int Pending => All.Sum(tap => tap.Pending);

    private IEnumerable<JournaledTap> All => _copier is null ? _taps : _taps.Append(_copier);

    /// <summary>Ends the pouring; what was poured is reported all the same.</summary>
    public async Task CloseAsync()
    {
        await _closing.CancelAsync();
        await _pouring;
    }

    /// <summary>Waits until every pour is acknowledged.</summary>
    public Task AcknowledgedAsync() => Eventually.TrueAsync(() => Task.FromResult(Pending == 0), "all pours are acknowledged", Quiet);

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        await Task.WhenAll(All.Select(tap => tap.StopAsync()));
        foreach (var tap in All)
        {
            tap.Dispose();
        }

        _closing.Dispose();
    }

    private async Task PourAsync(int perSecond)
    {
        var (startedAt, poured) = (TimeProvider.System.GetTimestamp(), 0);
        while (!_closing.IsCancellationRequested)
        {
            for (var due = TimeProvider.System.GetElapsedTime(startedAt).TotalSeconds * perSecond; poured < due; poured++)
            {
                _taps[poured % _taps.Count].Pour();
                if (poured % (5 * perSecond) == 0 && _ledger.NewestStored is { } stored)
                {
                    _copier?.Pour(stored);
                }
            }

            await Task.Delay(20, CancellationToken.None);
        }
    }
}
