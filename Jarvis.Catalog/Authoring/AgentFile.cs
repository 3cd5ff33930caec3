using System.Text;
using Jarvis.Catalog.Diagnostics;
using Jarvis.Catalog.Formats;
using Jarvis.Catalog.Library;
using Jarvis.Catalog.Resources;
using Jarvis.Catalog.Search;

namespace Jarvis.Catalog.Authoring;

/// <summary>An agent made here as the reader of files sees it.</summary>
public static class AgentFile
{
    private static readonly Classified Role = new(FileRole.Agent, [], Kind: ResourceKind.Agent);

    public static FileEntry Entry(MadeAgent agent) =>
        new(agent.Path, new(agent.Text is null ? 0 : Encoding.UTF8.GetByteCount(agent.Text), agent.UpdatedAt, agent.CreatedAt));

    /// <summary>What the file gives, with what only an agent made here has.</summary>
    public static ParsedFile Parse(MadeAgent agent, TermTable terms)
    {
        var file = new FileReading(LibrarySource.MadeHere, Entry(agent), Role, terms);
        if (agent.Text is null)
            return Unreadable(file);
        file.Text = agent.Text;
        ParsedFile parsed;
        try
        {
            parsed = MarkdownFormat.Parse(file);
        }
        catch (Exception exception) when (exception is InvalidOperationException or ArgumentException or FormatException)
        {
            // One row costs itself, never the scan.
            return Unreadable(new(LibrarySource.MadeHere, Entry(agent), Role, terms));
        }

        return parsed with { Resources = [.. parsed.Resources.Select(item => item with { Resource = Complete(item.Resource, agent) })] };
    }

    private static ParsedFile Unreadable(FileReading file)
    {
        file.Note(ResourceKind.Agent, DiagnosticState.Rejected, "definition_unreadable", "Its definition in the database cannot be read.", "Write it anew with PUT.");
        return file.Done();
    }

    /// <summary>Why the reader of files would have a doubt about it; null when it has none.</summary>
    public static string? Doubt(AgentDraft draft)
    {
        var parsed = Parse(new(Guid.Empty, draft.Name, 1, 1, AgentMarkdown.Write(draft), default, default), new TermTable());
        return parsed.Resources is [{ Resource: Agent { State: DiagnosticState.Ok } agent }] && agent.Name == draft.Name
            ? null
            : parsed.Diagnostics is [{ Reason: var reason }, ..] ? reason : "The file that it would be is not read as an agent.";
    }

    private static Resource Complete(Resource resource, MadeAgent made) =>
        resource is Agent agent ? agent with { Editable = true, Version = made.Version, CreatedAt = made.CreatedAt } : resource;
}
