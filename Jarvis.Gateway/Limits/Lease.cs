namespace Jarvis.Gateway.Limits;

/// <summary>Tokens of a shared bucket that this replica took in advance, to spend while they are fresh.</summary>
internal sealed class Lease
{
    public static readonly Lease None = new(0, 0, 0);

    private readonly int _half;
    private readonly int _left;
    private readonly long _expires;
    private int _tokens;

    /// <summary>A lease of <paramref name="granted"/> tokens.</summary>
    /// <param name="left">Tokens that were left in the shared bucket then.</param>
    /// <param name="expires">The timestamp from which they are no longer spent.</param>
    public Lease(int granted, int left, long expires) => (_tokens, _half, _left, _expires) = (granted, granted / 2, left, expires);

    public bool IsLive(long now) => now < _expires;

    /// <summary>Takes a token.</summary>
    /// <param name="remaining">What this replica knows to be left, here and in the shared bucket.</param>
    /// <param name="half">Whether this token was the one after which half of the lease is spent.</param>
    public bool TryTake(long now, out int remaining, out bool half)
    {
        if (now < _expires && Volatile.Read(ref _tokens) > 0 && Interlocked.Decrement(ref _tokens) is >= 0 and var tokens)
        {
            (remaining, half) = (_left + tokens, tokens == _half);
            return true;
        }
        (remaining, half) = (0, false);
        return false;
    }

    /// <summary>Takes all that was not spent, for another lease or to give it back.</summary>
    public int Drain() => Math.Max(0, Interlocked.Exchange(ref _tokens, 0));

    public void Add(int tokens) => Interlocked.Add(ref _tokens, tokens);
}
