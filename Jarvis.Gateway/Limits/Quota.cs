using System.Globalization;
using Microsoft.Extensions.Primitives;

namespace Jarvis.Gateway.Limits;

/// <summary>
/// A token bucket's size: it holds the requests of one minute and is filled evenly. With the header fields that tell of it
/// (https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/), made once, since every answer has them.
/// </summary>
internal sealed class Quota
{
    public const int WindowSeconds = 60;

    // A large limit's remainder is told in steps.
    private const int MaxTexts = 8_192;

    private readonly StringValues[] _texts;
    private readonly int _step;
    private readonly string _name;

    public Quota(string name, int perMinute, TimeProvider time)
    {
        (_name, PerMinute) = (name, perMinute);
        Interval = Math.Max(1, time.TimestampFrequency * WindowSeconds / perMinute);
        IntervalMicroseconds = WindowSeconds * 1e6 / perMinute;
        Policy = string.Create(CultureInfo.InvariantCulture, $"\"{name}\";q={perMinute};w={WindowSeconds}");
        _step = (perMinute / MaxTexts) + 1;
        _texts = new StringValues[(perMinute / _step) + 1];
    }

    public int PerMinute { get; }

    /// <summary>Timestamp units in which one token grows.</summary>
    public long Interval { get; }

    public double IntervalMicroseconds { get; }

    /// <summary>The value of <c>RateLimit-Policy</c>.</summary>
    public StringValues Policy { get; }

    /// <summary>The value of <c>RateLimit</c>: tokens that remain, and seconds until the bucket is full again.</summary>
    public StringValues Remaining(int remaining)
    {
        var index = Math.Clamp(remaining, 0, PerMinute) / _step;
        var text = _texts[index];
        return text.Count > 0 ? text : _texts[index] = Text(index * _step);
    }

    private string Text(int remaining)
    {
        var untilFull = (((long)(PerMinute - remaining) * WindowSeconds) + PerMinute - 1) / PerMinute;
        return string.Create(CultureInfo.InvariantCulture, $"\"{_name}\";r={remaining};t={untilFull}");
    }
}
