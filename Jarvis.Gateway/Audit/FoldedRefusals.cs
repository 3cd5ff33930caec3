namespace Jarvis.Gateway.Audit;

/// <summary>
/// Keeps refusals from filling the log that nobody may delete: the first of a kind is written at once, its repeats of the same minute
/// become one entry with their number, and one source has so many kinds a minute; what is beyond that is counted together. A source is
/// the account that asks, else its network address.
/// </summary>
internal sealed class FoldedRefusals(TimeProvider time)
{
    /// <summary>Kinds of one source in a minute.</summary>
    public const int MaxKinds = 60;

    /// <summary>Kinds of all sources in a minute.</summary>
    public const int MaxTotal = 2_000;

    public const string Beyond = "others of this minute, together";

    private readonly Lock _gate = new();
    private readonly Dictionary<Kind, (AuditRow Last, int Repeats)> _kinds = [];
    private readonly Dictionary<string, int> _sources = new(StringComparer.Ordinal);
    private readonly List<AuditRow> _over = [];
    private long _minute;

    /// <summary>Takes note of a refusal.</summary>
    /// <returns>The entry to write now; null when it only counts.</returns>
    public AuditRow? Add(string source, AuditRow row)
    {
        lock (_gate)
        {
            Turn(time.GetUtcNow().Ticks / TimeSpan.TicksPerMinute);
            var kind = Kind.Of(source, row);
            if (!_kinds.ContainsKey(kind) && !HasRoom(source))
            {
                row = row with { Subject = null, Entry = row.Entry with { Target = null, Detail = Beyond, Route = null } };
                // Of whom, once there is no room for a source either.
                if (_kinds.Count >= 2 * MaxTotal)
                    (source, row) = ("", row with { Credential = null, Entry = row.Entry with { AccountId = null } });
                kind = Kind.Of(source, row);
            }
            if (!_kinds.TryGetValue(kind, out var before))
            {
                _kinds[kind] = (row, 0);
                return row;
            }
            _kinds[kind] = (row, before.Repeats + 1);
            return null;
        }
    }

    /// <summary>The entries for what repeated in minutes that are over; of this one, too, at the end.</summary>
    public IReadOnlyList<AuditRow> TakeRepeats(bool all)
    {
        lock (_gate)
        {
            Turn(all ? -1 : time.GetUtcNow().Ticks / TimeSpan.TicksPerMinute);
            var over = _over.ToArray();
            _over.Clear();
            return over;
        }
    }

    private bool HasRoom(string source)
    {
        var kinds = _sources.GetValueOrDefault(source);
        if (kinds >= MaxKinds || _kinds.Count >= MaxTotal)
            return false;
        _sources[source] = kinds + 1;
        return true;
    }

    private void Turn(long minute)
    {
        if (minute == _minute)
            return;
        _minute = minute;
        foreach (var (last, repeats) in _kinds.Values)
        {
            if (repeats > 0)
                _over.Add(last with { Count = repeats });
        }
        _kinds.Clear();
        _sources.Clear();
    }

    private sealed record Kind(string Source, string Action, Guid? Account, string? What, string? Subject, string? Detail)
    {
        public static Kind Of(string source, AuditRow row) =>
            new(source, row.Entry.Action, row.Entry.AccountId, row.Entry.Route ?? row.Entry.Target, row.Subject, row.Entry.Detail);
    }
}
