using System.Diagnostics;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using OpenTelemetry.Trace;
using ServiceDefaults;

namespace Consumer.Worker.Tests;

public sealed class BoundedSamplerTests
{
    private static readonly ActivityTraceId Trace = ActivityTraceId.CreateRandom();

    private readonly FakeTimeProvider _time = new();
    private readonly BoundedSampler _sampler;

    public BoundedSamplerTests() => _sampler = new(Options.Create(new TracingOptions { TracesPerSecond = 10 }), _time);

    [Fact]
    public void A_second_of_traces_is_kept_and_then_as_many_as_the_time_that_passes_allows()
    {
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(10, Enumerable.Range(0, 50).Count(_ => IsKept(default)));
        _time.Advance(TimeSpan.FromMilliseconds(300));
        Assert.Equal(3, Enumerable.Range(0, 50).Count(_ => IsKept(default)));
    }

    [Fact]
    public void A_trace_that_was_begun_elsewhere_counts_and_one_that_is_not_kept_there_is_not_kept_here()
    {
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(10, Enumerable.Range(0, 50).Count(_ => IsKept(Parent(isKept: true, isRemote: true))));
        Assert.False(IsKept(default));

        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.False(IsKept(Parent(isKept: false, isRemote: true)));
    }

    [Fact]
    public void Spans_within_a_trace_follow_it_and_a_dead_letter_is_always_kept()
    {
        Assert.True(IsKept(Parent(isKept: true, isRemote: false)));
        Assert.False(IsKept(Parent(isKept: false, isRemote: false)));
        Assert.True(IsKept(Parent(isKept: false, isRemote: false), "send dead"));
        Assert.True(IsKept(Parent(isKept: false, isRemote: true), "send dead"));
    }

    private bool IsKept(ActivityContext parent, string name = "process taps/7/pours") =>
        _sampler.ShouldSample(new SamplingParameters(parent, Trace, name, ActivityKind.Consumer)).Decision is SamplingDecision.RecordAndSample;

    private static ActivityContext Parent(bool isKept, bool isRemote) =>
        new(Trace, ActivitySpanId.CreateRandom(), isKept ? ActivityTraceFlags.Recorded : ActivityTraceFlags.None, isRemote: isRemote);
}
