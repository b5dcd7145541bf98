namespace Mqtt.Bridge.Intake;

/// <summary>Lets so many through a second, and a burst of more after a quiet time. Safe for concurrent use.</summary>
/// <param name="perSecond">How many a second in the long run.</param>
/// <param name="burst">How many at once after a quiet time.</param>
/// <param name="time">The clock.</param>
internal sealed class TokenBucket(double perSecond, double burst, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly double _burst = burst;
    private double _tokens = burst;
    private long _filledAt = time.GetTimestamp();

    /// <summary>Whether it is as full as it can be, so that a new one would do as well.</summary>
    public bool IsFull
    {
        get
        {
            lock (_gate)
            {
                Fill();
                return _tokens >= _burst;
            }
        }
    }

    /// <summary>Whether there is no token now.</summary>
    public bool IsEmpty
    {
        get
        {
            lock (_gate)
            {
                Fill();
                return _tokens < 1;
            }
        }
    }

    /// <summary>Takes a token where there is one.</summary>
    public bool TryTake()
    {
        lock (_gate)
        {
            Fill();
            if (_tokens < 1)
            {
                return false;
            }

            _tokens--;
            return true;
        }
    }

    /// <summary>Takes a token now, to be paid back by waiting.</summary>
    /// <returns>How long to wait; zero when there was one.</returns>
    public TimeSpan Owe()
    {
        lock (_gate)
        {
            Fill();
            _tokens--;
            return _tokens >= 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(-_tokens / perSecond);
        }
    }

    private void Fill()
    {
        var now = time.GetTimestamp();
        _tokens = Math.Min(_burst, _tokens + (time.GetElapsedTime(_filledAt, now).TotalSeconds * perSecond));
        _filledAt = now;
    }
}
