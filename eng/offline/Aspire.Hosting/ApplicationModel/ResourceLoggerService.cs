using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>A line of a resource's output.</summary>
public readonly record struct LogLine(int LineNumber, string Content, bool IsErrorMessage);

/// <summary>Keeps and hands out what resources print.</summary>
public class ResourceLoggerService : IDisposable
{
    private readonly ConcurrentDictionary<string, Backlog> _backlogs = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Called with id, text and whether it is an error, for each line; one listener.</summary>
    internal Action<string, string, bool>? LineWritten { get; set; }

    /// <summary>A logger whose lines count as the resource's output.</summary>
    public ILogger GetLogger(IResource resource) => GetLogger(resource.InstanceIds()[0]);

    /// <summary>A logger whose lines count as the output of that copy.</summary>
    public ILogger GetLogger(string resourceName) => new LineLogger(this, resourceName);

    /// <summary>The output so far and from now on, until <see cref="Complete(IResource)"/>; of the first copy.</summary>
    public IAsyncEnumerable<IReadOnlyList<LogLine>> WatchAsync(IResource resource) => WatchAsync(resource.InstanceIds()[0]);

    /// <summary>The output of one copy so far and from now on, until <see cref="Complete(string)"/>.</summary>
    public async IAsyncEnumerable<IReadOnlyList<LogLine>> WatchAsync(string resourceName)
    {
        var (backlog, reader) = Of(resourceName).Subscribe();
        if (backlog.Count > 0)
        {
            yield return backlog;
        }
        await foreach (var line in reader.ReadAllAsync())
        {
            yield return [line];
        }
    }

    /// <summary>The output so far; of the first copy.</summary>
    public IAsyncEnumerable<IReadOnlyList<LogLine>> GetAllAsync(IResource resource) => GetAllAsync(resource.InstanceIds()[0]);

    /// <summary>The output of one copy so far.</summary>
    public async IAsyncEnumerable<IReadOnlyList<LogLine>> GetAllAsync(string resourceName)
    {
        yield return await Task.FromResult(Of(resourceName).Lines);
    }

    /// <summary>Says that no more output comes.</summary>
    public void Complete(IResource resource)
    {
        foreach (var id in resource.InstanceIds())
        {
            Complete(id);
        }
    }

    /// <summary>Says that no more output of that copy comes.</summary>
    public void Complete(string name) => Of(name).Complete();

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var backlog in _backlogs.Values)
        {
            backlog.Complete();
        }
        GC.SuppressFinalize(this);
    }

    internal void Write(string id, string content, bool isError)
    {
        Of(id).Add(content, isError);
        LineWritten?.Invoke(id, content, isError);
    }

    private Backlog Of(string id) => _backlogs.GetOrAdd(id, _ => new Backlog());

    private sealed class Backlog
    {
        private const int Kept = 10_000;
        private readonly Lock _gate = new();
        private readonly Queue<LogLine> _lines = new();
        private readonly List<Channel<LogLine>> _watchers = [];
        private int _written;

        public IReadOnlyList<LogLine> Lines
        {
            get
            {
                lock (_gate)
                {
                    return [.. _lines];
                }
            }
        }

        public void Add(string content, bool isError)
        {
            lock (_gate)
            {
                var line = new LogLine(++_written, content, isError);
                _lines.Enqueue(line);
                if (_lines.Count > Kept)
                {
                    _lines.Dequeue();
                }
                foreach (var watcher in _watchers)
                {
                    watcher.Writer.TryWrite(line);
                }
            }
        }

        public (IReadOnlyList<LogLine> Backlog, ChannelReader<LogLine> Next) Subscribe()
        {
            lock (_gate)
            {
                // A watcher that falls behind loses old lines rather than memory.
                var channel = Channel.CreateBounded<LogLine>(new BoundedChannelOptions(Kept) { FullMode = BoundedChannelFullMode.DropOldest });
                _watchers.Add(channel);
                return ([.. _lines], channel.Reader);
            }
        }

        public void Complete()
        {
            lock (_gate)
            {
                foreach (var watcher in _watchers)
                {
                    watcher.Writer.TryComplete();
                }
                _watchers.Clear();
            }
        }
    }

    private sealed class LineLogger(ResourceLoggerService service, string id) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information && logLevel != LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                var text = formatter(state, exception);
                service.Write(id, exception is null ? text : $"{text} {exception.GetType().Name}: {exception.Message}", logLevel >= LogLevel.Error);
            }
        }
    }
}
