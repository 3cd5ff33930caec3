namespace Jarvis.Gateway.Realtime;

/// <summary>A token bucket: so many at once, and so many a second over time. For one caller at a time.</summary>
internal sealed class MessageBudget(double burst, double perSecond, TimeProvider time)
{
    private readonly double _burst = burst;
    private double _left = burst;
    private long _filled = time.GetTimestamp();

    public bool TryTake()
    {
        var now = time.GetTimestamp();
        _left = Math.Min(_burst, _left + (time.GetElapsedTime(_filled, now).TotalSeconds * perSecond));
        _filled = now;
        if (_left < 1)
            return false;
        _left--;
        return true;
    }
}
