using System.Diagnostics;

namespace Jarvis.FunctionalTests.Stack;

internal static class Eventually
{
    /// <summary>
    /// Asks until <paramref name="probe"/> gives a value, at most for <paramref name="limit"/>; for states that another process reaches and
    /// tells nobody of.
    /// </summary>
    public static async Task<T> GetAsync<T>(string what, TimeSpan limit, Func<Task<T?>> probe)
        where T : class
    {
        var started = Stopwatch.GetTimestamp();
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        do
        {
            if (await probe() is { } value)
                return value;
        }
        while (Stopwatch.GetElapsedTime(started) < limit && await tick.WaitForNextTickAsync());
        Assert.Fail($"Not within {limit.TotalSeconds} s: {what}");
        return null!;
    }
}
