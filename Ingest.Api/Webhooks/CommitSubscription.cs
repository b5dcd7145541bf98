using Taproom.Signals;

namespace Ingest.Api.Webhooks;

/// <summary>Listens for what the workers commit, but only while that is wanted.</summary>
/// <param name="receipts">Where they tell it.</param>
/// <param name="committed">Called for each commit; it may not block.</param>
internal sealed class CommitSubscription(Receipts receipts, Action committed) : IDisposable
{
    private CancellationTokenSource? _end;
    private Task _made = Task.CompletedTask;

    /// <summary>Begins or ends to listen. It does not wait for Redis, as what is committed is found without it too, only later.</summary>
    public void Set(bool isWanted)
    {
        if (!isWanted || _made.IsFaulted)
        {
            Dispose();
        }

        if (isWanted && _end is null)
        {
            _end = new CancellationTokenSource();
            _made = receipts.SubscribeAsync(committed, _end.Token);
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _end?.Cancel();
        _end?.Dispose();
        _end = null;
    }
}
