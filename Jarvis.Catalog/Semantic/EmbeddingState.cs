namespace Jarvis.Catalog.Semantic;

/// <summary>What went wrong last.</summary>
public sealed record EmbeddingError(DateTimeOffset At, string Reason);

/// <summary>How the work in the background stands; written by it, read by the API and the health check.</summary>
public sealed class EmbeddingState(TimeProvider time)
{
    private volatile EmbeddingError? _lastError;
    private volatile string? _failing;
    private volatile string? _waitsFor;
    private volatile int _refused;

    /// <summary>Stays after all is well again.</summary>
    public EmbeddingError? LastError => _lastError;

    /// <summary>Why nothing is embedded now; null when it goes on.</summary>
    public string? Failing => _failing;

    /// <summary>What the work waits for; null when it does not.</summary>
    public string? WaitsFor => _waitsFor;

    /// <summary>Texts that the provider would not take; each is offered again after an hour.</summary>
    public int Refused => _refused;

    public void Failed(string reason)
    {
        _lastError = new(time.GetUtcNow(), reason);
        _failing = reason;
    }

    public void TextsRefused(int count, string? reason = null)
    {
        _refused = count;
        if (reason is not null)
            _lastError = new(time.GetUtcNow(), reason);
    }

    public void Works() => _failing = null;

    public void Waits(string? what) => _waitsFor = what;
}
