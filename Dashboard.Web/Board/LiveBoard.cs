using System.Runtime.CompilerServices;
using Microsoft.Extensions.Options;
using Taproom;
using Taproom.Store;

namespace Dashboard.Web.Board;

/// <summary>All that the pages show, in memory and bounded. Its feeds change it, and open pages follow it.</summary>
/// <remarks>One change at a time: what a feed does inside of <see cref="Change"/> is seen by others as a whole and in that order.</remarks>
internal sealed class LiveBoard(IOptions<KegOptions> kegs, TimeProvider time)
{
    private const int RememberedIds = 200_000;
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan RushPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private RecentSet<Guid> _stored = new(RememberedIds);
    private TapBoard _taps = new(kegs.Value, time, RememberedIds);
    private EntryBoard _entries = new();
    private TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private IReadOnlyList<AlertView> _alerts = [];
    private BoardView? _shown;
    private bool? _streamIsUp;
    private StoreState? _store;

    /// <summary>Pours and taps; only to be used inside of <see cref="Change"/>.</summary>
    public TapBoard Taps => _taps;

    /// <summary>Messages and events; only to be used inside of <see cref="Change"/>.</summary>
    public EntryBoard Entries => _entries;

    /// <summary>Completes when the board is loaded, or it is known why it is not.</summary>
    public Task Started => Read(() => _started.Task);

    /// <summary>Forgets all, because nobody keeps it up to date any more.</summary>
    public void Clear() =>
        Change(() =>
        {
            (_stored, _taps, _entries) = (new(RememberedIds), new(kegs.Value, time, RememberedIds), new());
            (_streamIsUp, _store, _shown, _alerts) = (null, null, null, []);
            _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
        });

    /// <summary>Says whether Redis answers.</summary>
    public void StreamIs(bool up) => Change(() => _streamIsUp = up);

    /// <summary>Says how Postgres answers.</summary>
    public void StoreIs(StoreState state) => Change(() => _store = state);

    /// <summary>Says what somebody should look at; only to be used inside of <see cref="Change"/>.</summary>
    public void AlertsAre(IReadOnlyList<AlertView> alerts) => _alerts = alerts;

    /// <summary>Whether a receipt for this id has come, or Postgres was seen to have it.</summary>
    public bool IsStored(Guid id) => _stored.Contains(id);

    /// <summary>Marks pours, messages and events as stored.</summary>
    /// <param name="ids">Their ids, received already or not.</param>
    /// <returns>Those that were received and not marked before.</returns>
    public IReadOnlyList<Guid> Store(IEnumerable<Guid> ids) => [.. ids.Where(id => _stored.Add(id) && (_taps.Knows(id) | _entries.Knows(id)))];

    /// <summary>Changes the board, and wakes those who follow it.</summary>
    public void Change(Action change)
    {
        lock (_lock)
        {
            change();
            _changed.TrySetResult();
            if (State() is not BoardState.Starting)
            {
                _started.TrySetResult();
            }
        }
    }

    /// <summary>Reads something between two changes.</summary>
    public T Read<T>(Func<T> read)
    {
        lock (_lock)
        {
            return read();
        }
    }

    /// <summary>What the pages show now.</summary>
    public BoardView View()
    {
        lock (_lock)
        {
            var now = time.GetUtcNow();
            return new BoardView(
                now,
                State(),
                _taps.Taps(now),
                [.. _taps.Latest.Select(pour => new PourView(pour, IsStored(pour.Id)))],
                [.. _entries.Messages.Select(Marked)],
                [.. _entries.Events.Select(Marked)],
                _alerts,
                _taps.PoursPerMinute(now),
                _taps.Activity(now)
            );
        }
    }

    /// <summary>The board as it changes: at most five times a second, in a rush once, as all taps change then, and once a second while nothing changes, because ages do.</summary>
    /// <remarks>All who follow it get the same views, so their number costs the feeds nothing.</remarks>
    public async IAsyncEnumerable<BoardView> FollowAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            var (view, changed) = Shown();
            yield return view;
            var pause = view.IsRush ? RushPause : ShortestPause;
            await Task.Delay(pause, time, cancellationToken);
            await Task.WhenAny(changed, Task.Delay(LongestPause - pause, time, cancellationToken));
        }
    }

    private (BoardView View, Task Changed) Shown()
    {
        lock (_lock)
        {
            if (_shown is null || time.GetUtcNow() - _shown.At >= ShortestPause)
            {
                _shown = View();
                _changed = _changed.Task.IsCompleted ? new(TaskCreationOptions.RunContinuationsAsynchronously) : _changed;
            }

            return (_shown, _changed.Task);
        }
    }

    private EntryView Marked(EntryView entry) => entry with { IsStored = IsStored(entry.Id) };

    private BoardState State() =>
        (_streamIsUp, _store) switch
        {
            (false, StoreState.Away) => BoardState.BothAway,
            (false, _) => BoardState.StreamAway,
            (_, StoreState.Away) => BoardState.StoreAway,
            (_, StoreState.Unreadable) => BoardState.StoreUnreadable,
            (true, StoreState.Answers) when _taps.IsLoaded => BoardState.Live,
            _ => BoardState.Starting,
        };
}

/// <summary>How Postgres answers.</summary>
internal enum StoreState
{
    /// <summary>It does.</summary>
    Answers,

    /// <summary>It does, and has something that cannot be read.</summary>
    Unreadable,

    /// <summary>It does not.</summary>
    Away,
}
