using System.Threading.Channels;

namespace Taproom;

/// <summary>Lets work run only while somebody listens: from when the first comes until a while after the last has left.</summary>
/// <param name="linger">How long it goes on without a listener, so that one who comes back need not wait.</param>
/// <param name="time">Measures that.</param>
public sealed class ListenerGate(TimeSpan linger, TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly Channel<Session> _sessions = Channel.CreateUnbounded<Session>();
    private Session? _session;
    private ITimer? _closing;
    private int _listeners;

    /// <summary>Somebody listens until the result is disposed.</summary>
    public Listening Enter()
    {
        lock (_lock)
        {
            _listeners++;
            _closing?.Dispose();
            _closing = null;
            if (_session is null)
            {
                _session = new Session();
                _sessions.Writer.TryWrite(_session);
            }

            return new Listening(this, _session.Ready.Task);
        }
    }

    /// <summary>Starts the work whenever the first listener has come, and ends it when the last has left. Only to be called once.</summary>
    /// <param name="work">Works until it is cancelled; calls the action as soon as whoever listens misses nothing.</param>
    /// <param name="stoppingToken">Ends it, with an <see cref="OperationCanceledException"/>.</param>
    public async Task RunAsync(Func<Action, CancellationToken, Task> work, CancellationToken stoppingToken)
    {
        await foreach (var session in _sessions.Reader.ReadAllAsync(stoppingToken))
        {
            using var end = CancellationTokenSource.CreateLinkedTokenSource(session.End.Token, stoppingToken);
            try
            {
                await work(() => session.Ready.TrySetResult(), end.Token);
            }
            catch (OperationCanceledException) when (session.End.IsCancellationRequested)
            {
                // Nobody listens any more.
            }
        }
    }

    private void Leave()
    {
        lock (_lock)
        {
            if (--_listeners == 0)
            {
                _closing = time.CreateTimer(_ => Close(), null, linger, Timeout.InfiniteTimeSpan);
            }
        }
    }

    private void Close()
    {
        Session? left;
        lock (_lock)
        {
            if (_listeners > 0)
            {
                return;
            }

            (left, _session) = (_session, null);
            _closing?.Dispose();
            _closing = null;
        }

        left?.End.Cancel();
    }

    /// <summary>Somebody who listens.</summary>
    public sealed class Listening : IDisposable
    {
        private ListenerGate? _gate;

        internal Listening(ListenerGate gate, Task ready) => (_gate, Ready) = (gate, ready);

        /// <summary>Completes when this listener misses nothing from now on.</summary>
        public Task Ready { get; }

        /// <summary>It leaves.</summary>
        public void Dispose() => Interlocked.Exchange(ref _gate, null)?.Leave();
    }

    private sealed class Session
    {
        public CancellationTokenSource End { get; } = new();

        public TaskCompletionSource Ready { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
