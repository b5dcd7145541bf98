using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Taproom.Ingest;

/// <summary>Waits in Redis for new entries, on a connection of its own: a command that waits holds up all others of its connection.</summary>
public sealed class StreamWaiter(IOptions<ConfigurationOptions> connection) : IAsyncDisposable
{
    // Seldom enough to cost nothing while nothing comes, and soon enough to notice a Redis that is gone without a word.
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);

    private ConnectionMultiplexer? _own;

    /// <summary>Returns when a stream has an entry after its position, or after five seconds.</summary>
    /// <param name="streams">The keys of the streams.</param>
    /// <param name="after">A position for each.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="RedisException">Redis refused, or cannot be reached.</exception>
    public async Task WaitAsync(IReadOnlyList<RedisKey> streams, IReadOnlyList<StreamId> after, CancellationToken cancellationToken)
    {
        // The client's own time-outs do not hold when a connection breaks at the wrong moment.
        _own ??= await ConnectAsync().WaitAsync(4 * Longest, cancellationToken);
        object[] arguments =
        [
            "COUNT",
            1,
            "BLOCK",
            (int)Longest.TotalMilliseconds,
            "STREAMS",
            .. streams.Cast<object>(),
            .. after.Select(position => $"{position}"),
        ];
        try
        {
            await _own.GetDatabase().ExecuteAsync("XREAD", arguments).WaitAsync(2 * Longest, cancellationToken);
        }
        catch (Exception ex) when (ex is RedisException or TimeoutException)
        {
            // Perhaps there is nobody at the other end any more, and a connection never tells that by itself.
            await DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (_own is not null)
        {
            await _own.CloseAsync(allowCommandsToComplete: false);
            _own = null;
        }
    }

    private Task<ConnectionMultiplexer> ConnectAsync()
    {
        var options = connection.Value.Clone();
        options.BacklogPolicy = BacklogPolicy.FailFast;
        // A ping would wait behind the command that waits; that has a limit of its own.
        options.KeepAlive = 60;
        options.AsyncTimeout = (int)(1.5 * Longest).TotalMilliseconds;
        // The client looks after its connection as often; a worker has many of these, and nothing happens on them for most of the time.
        options.HeartbeatInterval = Longest;
        // Nothing is subscribed to here, so the connection that the client keeps for it is not needed.
        options.CommandMap = CommandMap.Create(["SUBSCRIBE"], available: false);
        return ConnectionMultiplexer.ConnectAsync(options);
    }
}
