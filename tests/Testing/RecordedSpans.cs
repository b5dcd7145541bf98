using System.Collections.Concurrent;
using System.Diagnostics;

namespace Testing;

/// <summary>Records the spans of some sources from now until it is disposed; without it nothing listens and no span is made.</summary>
public sealed class RecordedSpans : IDisposable
{
    private readonly ConcurrentQueue<Activity> _ended = new();
    private readonly ActivityListener _listener;

    /// <summary>Starts to record.</summary>
    /// <param name="sources">Names of the sources.</param>
    public RecordedSpans(params string[] sources)
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = source => sources.Contains(source.Name),
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = _ended.Enqueue,
        };
        ActivitySource.AddActivityListener(_listener);
    }

    /// <summary>The spans that have ended, in that order; tests that run at the same time add theirs.</summary>
    public IReadOnlyList<Activity> Ended => [.. _ended];

    /// <summary>The one span of a name that is about a message.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="messageId">Its <c>messaging.message.id</c>.</param>
    public Activity Find(string name, Guid messageId) =>
        _ended.Single(span => span.OperationName == name && messageId.ToString().Equals(span.GetTagItem("messaging.message.id")));

    /// <summary>Waits until the one span that is meant has ended, which is often only after what it did can be seen.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="isMeant">Which of that name; tests that run at the same time may have others.</param>
    public Task<Activity> EndedAsync(string name, Func<Activity, bool> isMeant) =>
        Eventually.ValueAsync(
            () => Task.FromResult(_ended.SingleOrDefault(span => span.OperationName == name && isMeant(span))),
            $"the span '{name}' has ended"
        );

    /// <inheritdoc />
    public void Dispose() => _listener.Dispose();
}
