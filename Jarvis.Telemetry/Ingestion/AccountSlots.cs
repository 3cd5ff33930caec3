namespace Jarvis.Telemetry.Ingestion;

/// <summary>Lets each account do only so much at once: who comes beyond it waits in order, and nobody else does.</summary>
internal sealed class AccountSlots(int perAccount)
{
    private readonly Dictionary<Guid, Slots> _accounts = [];

    /// <summary>Waits for one of the account's slots; dispose the result to leave it. Null when none became free in time.</summary>
    public async Task<IDisposable?> EnterAsync(Guid account, TimeSpan patience, CancellationToken cancellationToken)
    {
        var slots = Join(account);
        var entered = false;
        try
        {
            entered = await slots.Free.WaitAsync(patience, cancellationToken);
        }
        finally
        {
            if (!entered)
                Leave(account, slots);
        }
        return entered ? new Slot(this, account, slots) : null;
    }

    private Slots Join(Guid account)
    {
        lock (_accounts)
        {
            if (!_accounts.TryGetValue(account, out var slots))
                _accounts[account] = slots = new Slots(perAccount);
            slots.Users++;
            return slots;
        }
    }

    // The last one takes the account's slots along: there may be any number of accounts.
    private void Leave(Guid account, Slots slots)
    {
        lock (_accounts)
        {
            if (--slots.Users > 0)
                return;
            _accounts.Remove(account);
        }
        slots.Free.Dispose();
    }

    private sealed class Slots(int count)
    {
        public SemaphoreSlim Free { get; } = new(count);

        public int Users { get; set; }
    }

    private sealed class Slot(AccountSlots owner, Guid account, Slots slots) : IDisposable
    {
        private int _left;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _left, 1) != 0)
                return;
            slots.Free.Release();
            owner.Leave(account, slots);
        }
    }
}
