using System.Collections.Concurrent;
using StackExchange.Redis;

namespace Taproom.Ingest;

/// <summary>Entries on their way to the stream. All that wait at one moment, of whatever callers, go to Redis together.</summary>
/// <remarks>
/// What is enqueued first is first in the stream. Nothing runs while nothing waits: an entry starts a pipeline on the thread pool, and
/// that ends when it finds no more.
/// </remarks>
internal sealed class AppendQueue(IConnectionMultiplexer redis, StreamRoom room, IngestTelemetry telemetry, IngestOptions options, TimeProvider time)
    : IThreadPoolWorkItem
{
    private const int MaxEntries = 1_024;

    // While one waits for the answers of Redis, the other sends what has come meanwhile.
    private const int MaxPipelines = 2;

    // In one step: of two senders of one id only one appends, whatever replicas they use, and what one caller appends is whole.
    // Keys: of each entry its stream and what remembers its id; arguments: how long, then of each entry the number of its values and these.
    private const string OnceScript = """
        local appended, at = {}, 2
        for i = 1, #KEYS, 2 do
            local count = tonumber(ARGV[at])
            if redis.call('EXISTS', KEYS[i + 1]) == 1 then
                appended[#appended + 1] = 0
            else
                local position = redis.call('XADD', KEYS[i], '*', unpack(ARGV, at + 1, at + count))
                redis.call('SET', KEYS[i + 1], KEYS[i] .. ' ' .. position, 'PX', ARGV[1])
                appended[#appended + 1] = 1
            end
            at = at + 1 + count
        end
        return appended
        """;

    private readonly ConcurrentQueue<Append> _waiting = [];
    private readonly Lock _writing = new();
    private int _pipelines;

    /// <summary>Enqueues entries; what is promised of them says <see cref="IngestStream"/>.</summary>
    /// <param name="entries">One entry; with <paramref name="isOnce"/> one or more.</param>
    /// <param name="isOnce">Whether an entry is left out whose id is remembered.</param>
    /// <param name="turn">Its place among the entries of its sender; null where that has no order.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>For each entry whether it was appended.</returns>
    public Task<bool[]> AppendAsync(IReadOnlyList<IngestEntry> entries, bool isOnce, AppendTurn? turn, CancellationToken cancellationToken)
    {
        var append = new Append(entries, isOnce, turn, cancellationToken);
        _waiting.Enqueue(append);
        if (TryStart())
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }

        return append.Task;
    }

    /// <summary>The key that remembers for a time that an entry was appended, and where: its stream, a space, its position.</summary>
    public RedisKey AppendedKey(string kind, Guid id) => $"{options.Prefix}:appended:{kind}:{id}";

    // Whatever fails is told to those who wait for it.
    void IThreadPoolWorkItem.Execute() => _ = RunAsync();

    private bool TryStart()
    {
        // Reading is an exchange too: a pipeline that is just ending must see what was enqueued before this, or this that it has ended.
        for (var running = Interlocked.CompareExchange(ref _pipelines, 0, 0); running < MaxPipelines; )
        {
            var before = Interlocked.CompareExchange(ref _pipelines, running + 1, running);
            if (before == running)
            {
                return true;
            }

            running = before;
        }

        return false;
    }

    private async Task RunAsync()
    {
        do
        {
            while (!_waiting.IsEmpty)
            {
                await SendAsync();
            }

            Interlocked.Decrement(ref _pipelines);
        } while (!_waiting.IsEmpty && TryStart());
    }

    private async Task SendAsync()
    {
        var batch = new List<Append>();
        var startedAt = time.GetTimestamp();
        Exception? failure = null;
        try
        {
            await room.ThrowIfFullAsync(CancellationToken.None);
            lock (_writing)
            {
                Write(Take(batch));
            }

            await AnsweredAsync(batch).WaitAsync(Deadlines.Answer, time);
        }
        catch (Exception ex)
        {
            failure = ex;
            lock (_writing)
            {
                // What waits behind would only learn the same, and too late.
                while (_waiting.TryDequeue(out var next))
                {
                    batch.Add(next);
                }

                batch.ForEach(append => append.Answer ??= Task.FromException(ex));
            }
        }

        var sent = 0;
        foreach (var append in batch)
        {
            sent += append.End(failure) ? append.Entries.Count : 0;
        }

        if (sent > 0)
        {
            telemetry.Sent("ingest", time.GetElapsedTime(startedAt), sent);
        }

        if (failure is not null)
        {
            telemetry.SendFailed("ingest", time.GetElapsedTime(startedAt), failure);
        }
    }

    /// <summary>Takes what is next, of one sort, without those whose callers have gone.</summary>
    private List<Append> Take(List<Append> batch)
    {
        for (var entries = 0; entries < MaxEntries && _waiting.TryPeek(out var next) && (batch.Count == 0 || next.IsOnce == batch[0].IsOnce); )
        {
            _waiting.TryDequeue(out _);
            if (!next.Task.IsCompleted)
            {
                if (next.Turn?.WouldOvertake() is true)
                {
                    next.Answer = Task.FromException(new RedisException("What its sender has sent before is not appended yet."));
                }

                batch.Add(next);
                entries += next.Entries.Count;
            }
        }

        return batch;
    }

    private void Write(List<Append> batch)
    {
        if (batch is [{ IsOnce: true }, ..])
        {
            WriteOnce(batch);
            return;
        }

        var pipeline = redis.GetDatabase().CreateBatch();
        foreach (var append in batch)
        {
            append.Answer ??= Add(pipeline, append.Entries[0]);
        }

        pipeline.Execute();
    }

    private Task Add(IBatch pipeline, IngestEntry entry)
    {
        try
        {
            return pipeline.StreamAddAsync(options.StreamKeyOf(entry), entry.ToFields());
        }
        catch (Exception ex)
        {
            // An entry that cannot be written takes no other with it.
            return Task.FromException(ex);
        }
    }

    private void WriteOnce(List<Append> batch)
    {
        var (keys, values) = (new List<RedisKey>(), new List<RedisValue> { (long)options.RememberFor.TotalMilliseconds });
        foreach (var append in batch)
        {
            append.Offset = keys.Count / 2;
            foreach (var entry in append.Entries)
            {
                keys.AddRange(options.StreamKeyOf(entry), AppendedKey(entry.Kind, entry.Id));
                var fields = entry.ToFields();
                values.Add(2 * fields.Length);
                foreach (var field in fields)
                {
                    values.AddRange(field.Name, field.Value);
                }
            }
        }

        // Not by an IBatch, in which the client could not send it again to a Redis that has forgotten the script.
        var answer = redis.GetDatabase().ScriptEvaluateAsync(OnceScript, [.. keys], [.. values]);
        batch.ForEach(append => append.Answer = answer);
    }

    // Redis answers in order: this waits for the last answer, and then the others are there.
    private static async Task AnsweredAsync(List<Append> batch)
    {
        for (var n = batch.Count - 1; n >= 0; n--)
        {
            await batch[n].Answer!.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>What one caller waits for.</summary>
    private sealed class Append : TaskCompletionSource<bool[]>
    {
        private static readonly bool[] One = [true];

        private readonly CancellationTokenRegistration _cancellation;

        public Append(IReadOnlyList<IngestEntry> entries, bool isOnce, AppendTurn? turn, CancellationToken cancellationToken)
            : base(TaskCreationOptions.RunContinuationsAsynchronously)
        {
            (Entries, IsOnce, Turn) = (entries, isOnce, turn);
            _cancellation = cancellationToken.UnsafeRegister(static (append, token) => ((Append)append!).TrySetCanceled(token), this);
        }

        public IReadOnlyList<IngestEntry> Entries { get; }

        public bool IsOnce { get; }

        public AppendTurn? Turn { get; }

        /// <summary>What Redis says; null when it was not asked.</summary>
        public Task? Answer
        {
            get;
            set
            {
                field = value;
                Turn?.Answer = value;
            }
        }

        /// <summary>Where in the answer to <see cref="OnceScript"/> these entries begin.</summary>
        public int Offset { get; set; }

        /// <summary>Tells the caller.</summary>
        /// <param name="failure">What is told where Redis has not answered.</param>
        /// <returns>Whether it was appended, or known before.</returns>
        public bool End(Exception? failure)
        {
            _cancellation.Unregister();
            if (Answer is not { IsCompletedSuccessfully: true })
            {
                TrySetException(Answer?.Exception?.InnerException ?? failure ?? new RedisException("Redis has not answered."));
                return false;
            }

            TrySetResult(
                Answer is Task<RedisResult> once
                    ? Array.ConvertAll(((int[])once.Result!)[Offset..(Offset + Entries.Count)], appended => appended == 1)
                    : One
            );
            return true;
        }
    }
}
