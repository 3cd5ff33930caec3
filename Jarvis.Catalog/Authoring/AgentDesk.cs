using Jarvis.Catalog.Library;
using Jarvis.Catalog.Resources;
using Jarvis.Catalog.Search;
using Jarvis.ServiceDefaults.Errors;
using Jarvis.ServiceDefaults.Security;

namespace Jarvis.Catalog.Authoring;

/// <summary>An agent as <c>GET agents/{id}</c> gives it, and its tag.</summary>
public sealed record ShownAgent(Agent Agent, string Tag);

/// <summary>
/// Makes, replaces and deletes agents. Answers when this replica's catalog shows the change, so that a client reads what it wrote; the other
/// replicas follow by Postgres' notification.
/// </summary>
public sealed partial class AgentDesk(
    AgentWriter writer, MadeAgents made, CatalogStore store, ScanSignal signal, TimeProvider time, ILogger<AgentDesk> logger)
{
    /// <summary>The longest that an answer waits for the snapshot; the write is committed by then, and the answer is the same without it.</summary>
    private static readonly TimeSpan ShowWait = TimeSpan.FromSeconds(5);

    /// <summary>Makes an agent.</summary>
    /// <param name="draft">All of it.</param>
    /// <param name="caller">Who makes it.</param>
    /// <param name="cancellationToken">Ends the write.</param>
    /// <exception cref="FailureException">409: the name belongs to a file or to another agent made here, or a bound is reached.</exception>
    public async Task<ShownAgent> CreateAsync(AgentDraft draft, Caller caller, CancellationToken cancellationToken)
    {
        if (store.Snapshot[ResourceKind.Agent].Find(draft.Name)?.Resource is { } file && !IsMade(file))
            throw OfAFile($"The name '{draft.Name}' belongs to", file, "Choose another name.").AsException();
        return await ShowAsync(await writer.CreateAsync(draft, caller.Kind == CallerKind.Service ? null : caller.AccountId.ToString(), cancellationToken));
    }

    /// <summary>Replaces an agent made here.</summary>
    /// <exception cref="FailureException">404, 409 at a bound, 412.</exception>
    public async Task<ShownAgent> ReplaceAsync(AgentDraft draft, Precondition precondition, CancellationToken cancellationToken) =>
        await ShowAsync(await writer.ReplaceAsync(draft, await VersionsAsync(draft.Name, precondition, cancellationToken), cancellationToken));

    /// <summary>Deletes an agent made here.</summary>
    /// <returns>The version that was deleted.</returns>
    /// <exception cref="FailureException">404, 412.</exception>
    public async Task<int> DeleteAsync(string name, Precondition? precondition, CancellationToken cancellationToken)
    {
        var seen = precondition is null ? null : await VersionsAsync(name, precondition, cancellationToken);
        var version = await writer.DeleteAsync(name, seen, cancellationToken);
        await RefreshAsync();
        return version;
    }

    /// <summary>The name of the agent made here that an id means.</summary>
    /// <param name="id">Or its name.</param>
    /// <param name="toWrite">Whether it is to be changed.</param>
    /// <exception cref="FailureException">404; when it is a file's, 409 for a write.</exception>
    public async Task<string> NameOfAsync(string id, bool toWrite, CancellationToken cancellationToken)
    {
        var shown = store.Snapshot[ResourceKind.Agent].Find(id)?.Resource;
        if (shown is not null && IsMade(shown))
            return shown.Name;
        if (shown is not null && toWrite)
            throw OfAFile($"'{shown.Id}' comes from", shown, "It is read-only here: edit that file.").AsException();
        if (shown is not null)
            throw Failure.NotFound($"'{shown.Id}' comes from a file: only agents made here have versions here.").AsException();
        // Another replica may have made it a moment ago.
        var name = (id.StartsWith($"{LibrarySource.MadeHere.Name}:", StringComparison.OrdinalIgnoreCase) ? id[(LibrarySource.MadeHere.Name.Length + 1)..] : id).ToLowerInvariant();
        if (made.Find(name) is null)
            await made.CatchUpAsync(anew: false, cancellationToken);
        return made.Find(name) is { } found ? found.Name : throw Failure.NotFound($"No agent is named '{(id.Length <= 100 ? id : $"{id[..100]}…")}'.").AsException();
    }

    /// <summary>The versions that a precondition allows. Tags of what another replica shows, and this one not yet, are understood too.</summary>
    private async Task<int[]?> VersionsAsync(string name, Precondition precondition, CancellationToken cancellationToken)
    {
        var shown = Shown(store.Snapshot, name);
        if (precondition.Versions(shown, VersionOf(shown)) is not [] and var versions)
            return versions;
        await made.CatchUpAsync(anew: false, cancellationToken);
        if (made.Find(name)?.Version != VersionOf(shown))
            await RefreshAsync();
        shown = Shown(store.Snapshot, name);
        return precondition.Versions(shown, VersionOf(shown));
    }

    private async Task<ShownAgent> ShowAsync(MadeAgent written)
    {
        var snapshot = await RefreshAsync();
        if (snapshot is not null && Shown(snapshot, written.Name) is { Resource: Agent agent } entry && agent.Version == written.Version)
            return new(agent, entry.Hash);
        // Not shown within the time, or another write came after it: the answer is about this one.
        var parsed = AgentFile.Parse(written, new TermTable()).Resources;
        return new((Agent)parsed[0].Resource with { Id = written.Name }, $"{written.Version}");
    }

    private async Task<CatalogSnapshot?> RefreshAsync()
    {
        try
        {
            // Committed is committed: from here on nothing that fails, and no client that goes, makes the answer another one.
            using var limit = new CancellationTokenSource(ShowWait, time);
            await made.CatchUpAsync(anew: false, limit.Token);
            return await signal.AskNow().WaitAsync(limit.Token);
        }
        catch (Exception exception)
        {
            LogNotShown(exception.Message);
            return null;
        }
    }

    private static CatalogEntry? Shown(CatalogSnapshot snapshot, string name)
    {
        var shelf = snapshot[ResourceKind.Agent];
        return shelf.Find(name) is { } plain && IsMade(plain.Resource) ? plain
            : shelf.Find($"{LibrarySource.MadeHere.Name}:{name}") is { } qualified && IsMade(qualified.Resource) ? qualified
            : null;
    }

    private static int? VersionOf(CatalogEntry? entry) => (entry?.Resource as Agent)?.Version;

    private static bool IsMade(Resource resource) => resource.Source == LibrarySource.MadeHere.Name;

    private static Failure OfAFile(string what, Resource file, string advice) =>
        new(ErrorCode.Conflict, $"{what} the file {file.Path} of source {file.Source}. {advice}")
        {
            Extensions = new(StringComparer.Ordinal) { ["source"] = file.Source, ["path"] = file.Path },
        };

    [LoggerMessage(EventId = 150, Level = LogLevel.Warning, Message = "A written agent is not shown yet ({Reason}); the catalog follows by itself")]
    private partial void LogNotShown(string reason);
}
