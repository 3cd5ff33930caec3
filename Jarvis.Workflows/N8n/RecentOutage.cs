namespace Jarvis.Workflows.N8n;

/// <summary>
/// Whether n8n was away a moment ago, as this process saw. n8n listens before it has registered its webhooks, and until then answers that
/// they are not registered: only after an outage may such an answer mean "not yet".
/// </summary>
public sealed class RecentOutage(TimeProvider time)
{
    public static readonly TimeSpan Lasts = TimeSpan.FromSeconds(15);

    private long _last = long.MinValue;

    public bool IsRecent => Volatile.Read(ref _last) is var last and not long.MinValue && time.GetElapsedTime(last) <= Lasts;

    public void Seen() => Volatile.Write(ref _last, time.GetTimestamp());
}
