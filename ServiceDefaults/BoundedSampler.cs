using System.Diagnostics;
using Microsoft.Extensions.Options;
using OpenTelemetry.Trace;

namespace ServiceDefaults;

/// <summary>Keeps a bounded number of traces a second, those begun elsewhere too, each with all of its spans; and every dead letter.</summary>
/// <remarks>Set in code, because Aspire tells every service by <c>OTEL_TRACES_SAMPLER</c> to keep all, which halves what the line carries.</remarks>
public sealed class BoundedSampler(IOptions<TracingOptions> options, TimeProvider time) : Sampler
{
    private const string DeadLetter = "send dead";

    private readonly long _ticksPerTrace = Math.Max(1, time.TimestampFrequency / options.Value.TracesPerSecond);
    private readonly long _start = time.GetTimestamp() - time.TimestampFrequency;

    // When the traces kept so far are paid for; a second of them may be kept at once.
    private long _paidUntil;

    /// <inheritdoc />
    public override SamplingResult ShouldSample(in SamplingParameters samplingParameters)
    {
        var parent = samplingParameters.ParentContext;
        var isKept =
            samplingParameters.Name == DeadLetter
            || (
                parent.TraceId == default ? TryTake()
                : !parent.TraceFlags.HasFlag(ActivityTraceFlags.Recorded) ? false
                : !parent.IsRemote || TryTake()
            );
        return new SamplingResult(isKept ? SamplingDecision.RecordAndSample : SamplingDecision.Drop);
    }

    private bool TryTake()
    {
        var now = time.GetTimestamp() - _start;
        while (true)
        {
            var paidUntil = Volatile.Read(ref _paidUntil);
            var next = Math.Max(paidUntil, now - time.TimestampFrequency) + _ticksPerTrace;
            if (next > now)
            {
                return false;
            }

            if (Interlocked.CompareExchange(ref _paidUntil, next, paidUntil) == paidUntil)
            {
                return true;
            }
        }
    }
}
