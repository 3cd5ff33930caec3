using Jarvis.Catalog.Diagnostics;
using Jarvis.Catalog.Formats;
using Jarvis.Catalog.Library;
using Jarvis.Catalog.Search;

namespace Jarvis.Catalog.Authoring;

/// <summary>The agents made here as this replica knows them: a source beside the folders, whose files are in Postgres.</summary>
public sealed class MadeAgents(AgentStore store, TimeProvider time) : IExtraSource, IDisposable
{
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly TaskCompletionSource _firstRead = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Of the scanning thread: what did not change keeps its object, which is how the index knows.
    private Dictionary<string, (long Change, FileEntry Entry, ParsedFile File)> _parsed = new(StringComparer.Ordinal);
    private (Known Known, TermTable Terms, ScannedSource Scanned)? _last;
    private volatile Known _known = new(SourceState.Scanning, -1, new Dictionary<string, MadeAgent>(StringComparer.Ordinal));

    public LibrarySource Source => LibrarySource.MadeHere;

    /// <summary>Ends when Postgres has been read, or could not be.</summary>
    public Task FirstRead => _firstRead.Task;

    /// <summary>Whether notifications of other replicas' writes reach this one.</summary>
    public bool IsListening { get; set; }

    /// <summary>Reads what is new.</summary>
    /// <param name="anew">Everything, since what was known may be of another time.</param>
    /// <returns>Whether anything changed.</returns>
    public async Task<bool> CatchUpAsync(bool anew, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            var before = _known;
            var next = before.Clock < 0 || anew ? null : Applied(before, await store.ReadAsync(before.Clock, cancellationToken));
            // The database was put back to an older state, or a deletion is forgotten by now.
            next ??= Replaced(before, await store.ReadAsync(after: null, cancellationToken));
            var changed = before.State != next.State || before.Agents.Count != next.Agents.Count
                || next.Agents.Values.Any(agent => before.Agents.GetValueOrDefault(agent.Name) is not { } old || old.Change != agent.Change);
            if (changed || before.Clock != next.Clock)
                _known = next;
            _firstRead.TrySetResult();
            return changed;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Postgres cannot be read. What is known stays; without anything known the source is unreadable.</summary>
    /// <returns>Whether that is news.</returns>
    public bool Fail()
    {
        IsListening = false;
        _firstRead.TrySetResult();
        var before = _known;
        return before.State == SourceState.Scanning
            && Interlocked.CompareExchange(ref _known, before with { State = SourceState.Unreadable }, before) == before;
    }

    public MadeAgent? Find(string name) => _known.Agents.GetValueOrDefault(name);

    public ScannedSource Scan(TermTable terms)
    {
        var started = time.GetTimestamp();
        var known = _known;
        // Numbers of another table say nothing in this one.
        if (_last is { } before && !ReferenceEquals(before.Terms, terms))
            (_last, _parsed) = (null, new(StringComparer.Ordinal));
        if (_last is { } last && ReferenceEquals(last.Known, known))
            return last.Scanned with { ScannedAt = time.GetUtcNow(), Watching = IsListening };
        var next = new Dictionary<string, (long Change, FileEntry Entry, ParsedFile File)>(known.Agents.Count, StringComparer.Ordinal);
        var entries = new List<FileEntry>(known.Agents.Count);
        var files = new List<ParsedFile>(known.Agents.Count);
        foreach (var agent in known.Agents.Values.OrderBy(agent => agent.Path, StringComparer.Ordinal))
        {
            if (!_parsed.TryGetValue(agent.Name, out var parsed) || parsed.Change != agent.Change)
                parsed = (agent.Change, AgentFile.Entry(agent), AgentFile.Parse(agent, terms));
            next[agent.Name] = parsed;
            entries.Add(parsed.Entry);
            files.Add(parsed.File);
        }

        _parsed = next;
        IReadOnlyList<Diagnostic> diagnostics = known.State != SourceState.Unreadable ? [] :
            [new(Source.Name, "", null, null, DiagnosticState.Rejected, "source_unreadable", "Postgres does not answer: agents made here are not known.",
                "Start Postgres; it is asked again until it answers.")];
        var scanned = new ScannedSource(Source, new(known.State, entries, diagnostics), files, time.GetUtcNow(),
            Math.Round(time.GetElapsedTime(started).TotalMilliseconds, 1), IsListening);
        _last = (known, terms, scanned);
        return scanned;
    }

    public void Dispose() => _turn.Dispose();

    private static Known? Applied(Known before, MadeChanges changes)
    {
        if (changes.Clock < before.Clock)
            return null;
        if (changes.Agents.Count == 0 && changes.Live == before.Agents.Count)
            return before with { Clock = changes.Clock };
        var agents = new Dictionary<string, MadeAgent>(before.Agents, StringComparer.Ordinal);
        // In the order of the writes: a name may have gone and come again.
        foreach (var (agent, deleted) in changes.Agents.OrderBy(change => change.Agent.Change))
        {
            if (deleted)
                agents.Remove(agent.Name);
            else
                agents[agent.Name] = agent;
        }

        return agents.Count == changes.Live ? new(SourceState.Ready, changes.Clock, agents) : null;
    }

    private static Known Replaced(Known before, MadeChanges all) => new(SourceState.Ready, all.Clock, all.Agents.ToDictionary(
        item => item.Agent.Name, item => before.Agents.GetValueOrDefault(item.Agent.Name) is { } old && old == item.Agent ? old : item.Agent, StringComparer.Ordinal));

    private sealed record Known(SourceState State, long Clock, IReadOnlyDictionary<string, MadeAgent> Agents);
}
