using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Taproom.Ingest;

/// <summary>Follows the ingest stream, all partitions of it, for live readers; takes part in no group and acknowledges nothing.</summary>
/// <remarks>A reader sees every entry once, those of a partition in order, as long as it lags less than <see cref="IngestOptions.Retention"/>.</remarks>
public sealed partial class StreamTail(
    IConnectionMultiplexer redis,
    IOptions<ConfigurationOptions> connection,
    IOptions<IngestOptions> options,
    TimeProvider time,
    ILogger<StreamTail> logger
)
{
    private const int BatchSize = 500;
    private static readonly TimeSpan MaxBackoff = TimeSpan.FromSeconds(2);

    // In a rush, which is so many in one read, what comes within the pause is read together: that costs a reader and Redis far less.
    private const int Rush = 20;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    private readonly IReadOnlyList<RedisKey> _streams = options.Value.StreamKeys();

    /// <summary>Reads entries as they come, until it is cancelled: after a failure it waits a little and goes on where it was.</summary>
    /// <param name="received">Takes one entry. One for which it throws is not repeated.</param>
    /// <param name="connected">Told where reading goes on in each partition, and where they end: when it begins, and again after each failure.</param>
    /// <param name="interrupted">Told that reading failed.</param>
    /// <param name="withWaiting">Whether to begin with the oldest entry that waits to be stored, and not at the end.</param>
    /// <param name="cancellationToken">Ends it, with an <see cref="OperationCanceledException"/>.</param>
    public Task FollowAsync(
        Func<Delivery, CancellationToken, Task> received,
        Action<IReadOnlyList<StreamId>, IReadOnlyList<StreamId>>? connected = null,
        Action? interrupted = null,
        bool withWaiting = false,
        CancellationToken cancellationToken = default
    )
    {
        StreamId[]? positions = null;
        var loop = new RetryLoop(MaxBackoff, Failed, time);
        return loop.RunAsync(ReadOnAsync, cancellationToken);

        async Task ReadOnAsync(CancellationToken stoppingToken)
        {
            var ends = await EndsAsync();
            positions ??= withWaiting ? await Task.WhenAll(_streams.Select(StoredAsync)) : [.. ends];
            connected?.Invoke([.. positions], ends);
            LogFollowing(_streams.Count);
            loop.Recovered();
            await foreach (var delivery in ReadAsync(positions, stoppingToken))
            {
                await received(delivery, stoppingToken);
            }
        }

        void Failed(Exception exception, int failures, TimeSpan delay)
        {
            interrupted?.Invoke();
            LogInterrupted(exception, failures, delay);
        }
    }

    /// <summary>The position of the newest entry of each partition; <c>0-0</c> where there is none.</summary>
    /// <exception cref="RedisException">Redis refused, or cannot be reached.</exception>
    public async Task<IReadOnlyList<StreamId>> EndsAsync()
    {
        var database = redis.GetDatabase();
        var newest = await Task.WhenAll(_streams.Select(stream => database.StreamRangeAsync(stream, count: 1, messageOrder: Order.Descending)));
        return [.. newest.Select(entries => entries.Length > 0 ? StreamId.Parse(entries[0].Id!) : default)];
    }

    /// <summary>The entries that wait to be stored, those of a partition in order.</summary>
    /// <param name="most">At most so many of a partition, the oldest.</param>
    /// <exception cref="RedisException">Redis refused, or cannot be reached.</exception>
    public async Task<IReadOnlyList<IngestEntry>> WaitingAsync(int most)
    {
        var database = redis.GetDatabase();
        var waiting = await Task.WhenAll(
            _streams.Select(async stream => await database.StreamRangeAsync(stream, $"({await StoredAsync(stream)}", count: most))
        );
        return [.. waiting.SelectMany(entries => entries).Select(entry => IngestEntry.FromFields(entry)).OfType<IngestEntry>()];
    }

    /// <summary>A position up to which all entries of a partition are stored.</summary>
    private async Task<StreamId> StoredAsync(RedisKey stream)
    {
        var database = redis.GetDatabase();
        if (!await database.KeyExistsAsync(stream))
        {
            return default;
        }

        var group = (await database.StreamGroupInfoAsync(stream)).FirstOrDefault(group => group.Name == IngestOptions.StoreGroup);
        return group.Name is null ? default : StreamId.Parse(group.LastDeliveredId!);
    }

    /// <param name="positions">Where to go on in each partition; moved forward with each entry before it is given out.</param>
    /// <param name="cancellationToken">Ends it.</param>
    private async IAsyncEnumerable<Delivery> ReadAsync(StreamId[] positions, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var waiter = new StreamWaiter(connection);
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var read = await redis
                .GetDatabase()
                .StreamReadAsync([.. _streams.Select((stream, partition) => new StreamPosition(stream, $"{positions[partition]}"))], BatchSize);
            foreach (var (partition, stream) in _streams.Index())
            {
                foreach (var entry in read.Where(part => part.Key == stream).SelectMany(part => part.Entries))
                {
                    positions[partition] = StreamId.Parse(entry.Id!);
                    yield return new Delivery(partition, entry.Id!, IngestEntry.FromFields(entry));
                }
            }

            if (read.Length == 0)
            {
                await waiter.WaitAsync(_streams, positions, cancellationToken);
            }
            else if (read.Sum(part => part.Entries.Length) >= Rush && read.All(part => part.Entries.Length < BatchSize))
            {
                await Task.Delay(Pause, time, cancellationToken);
            }
        }
    }

    [LoggerMessage(LogLevel.Information, "Following the {Partitions} partitions of the stream.")]
    private partial void LogFollowing(int partitions);

    [LoggerMessage(LogLevel.Error, "Following the stream failed {Failures} times in a row; next try in {Delay}.")]
    private partial void LogInterrupted(Exception exception, int failures, TimeSpan delay);
}
