using Jarvis.Catalog.Formats;
using Jarvis.Catalog.Resources;

namespace Jarvis.Catalog.Effective;

/// <summary>How one resource stands among those of its name.</summary>
/// <param name="ShadowedBy">The position of the one that has the name; negative when nothing shadows it.</param>
/// <param name="Shadows">The positions of those that it shadows; a resource shows the first 50.</param>
/// <param name="Namesakes">How many have the name, with it.</param>
public sealed record Standing(int ShadowedBy, IReadOnlyList<int> Shadows, int Namesakes)
{
    private const int MaxShadows = 50;

    public static readonly Standing Alone = new(-1, [], 1);

    public bool Effective => ShadowedBy < 0;

    /// <summary>Whether a resource has this standing and its id already.</summary>
    public bool IsThatOf(Resource resource, int position, IReadOnlyList<string> ids) => resource.Id == ids[position] && resource.Effective == Effective
        && resource.ShadowedBy == (Effective ? null : ids[ShadowedBy]) && resource.Shadows.SequenceEqual(Shadows.Take(MaxShadows).Select(each => ids[each]), StringComparer.Ordinal);

    /// <summary>The resource at <paramref name="position"/> with its id and its standing.</summary>
    public Resource Of(Resource resource, int position, IReadOnlyList<string> ids) => ReferenceEquals(this, Alone) ? resource with { Id = ids[position] }
        : resource with { Id = ids[position], Effective = Effective, ShadowedBy = Effective ? null : ids[ShadowedBy], Shadows = [.. Shadows.Take(MaxShadows).Select(each => ids[each])] };
}

/// <summary>
/// Says which of several resources of one kind and name Claude Code takes. Its rules, and where they are written:
/// <list type="bullet">
/// <item>Agents, commands, MCP servers: a project's before the user's before a plugin's ("Create custom subagents": choose the scope; "MCP": scope hierarchy).</item>
/// <item>Skills: the user's before a project's ("Extend Claude with skills": where skills live), the other way round.</item>
/// <item>A plugin's resource is <c>plugin:name</c> too. The plain name finds it only where nothing plain has it; two plugins never shadow each other,
/// since Claude Code then asks for the scoped name.</item>
/// <item>Workflows are n8n's, which goes by id: nothing shadows.</item>
/// </list>
/// What lies in no <c>.claude</c> folder is taken for a collection that one installs from: it comes after the user's own and before plugins.
/// </summary>
public static class EffectiveView
{
    private const int User = 1;

    /// <summary>The standing of each of <paramref name="resources"/>, which are of one kind, with their precedence, lowest first.</summary>
    public static IReadOnlyList<Standing> Of(IReadOnlyList<(Resource Resource, int Rank)> resources)
    {
        var standings = new Standing[resources.Count];
        Array.Fill(standings, Standing.Alone);
        var first = new Dictionary<string, int>(resources.Count, StringComparer.Ordinal);
        var groups = new Dictionary<string, List<int>>(StringComparer.Ordinal);
        for (var i = 0; i < resources.Count; i++)
        {
            var name = NameOf(resources[i].Resource);
            if (first.TryAdd(name, i))
                continue;
            if (!groups.TryGetValue(name, out var group))
                groups.Add(name, group = [first[name]]);
            group.Add(i);
        }

        foreach (var group in groups.Values)
            Decide(resources, group, standings);
        return standings;
    }

    /// <summary>
    /// The plain name: of a command with its namespace, of a skill its folder's, by which Claude Code calls it whatever its front matter says. Names differ by case, as
    /// they do for Claude Code.
    /// </summary>
    public static string NameOf(Resource resource) => resource switch
    {
        Command { Namespace: not null } command => command.Invocation[1..],
        Skill skill when Classifier.Folder(skill.Path) is { Length: > 0 } folder && Classifier.FileName(Classifier.Folder(folder)) == "skills" => Classifier.FileName(folder),
        _ => resource.Name,
    };

    /// <summary>The name that finds a plugin's resource whatever else there is.</summary>
    public static string? ScopedNameOf(Resource resource) => resource is { Plugin: { } plugin, Kind: not ResourceKind.Workflow } ? $"{plugin.Name}:{NameOf(resource)}" : null;

    private static void Decide(IReadOnlyList<(Resource Resource, int Rank)> resources, List<int> group, Standing[] standings)
    {
        if (resources[group[0]].Resource is Workflow)
        {
            foreach (var each in group)
                standings[each] = new(-1, [], group.Count);
            return;
        }

        var winner = -1;
        foreach (var each in group)
        {
            if (resources[each].Resource.Plugin is null && (winner < 0 || Precedence(resources[each]) < Precedence(resources[winner])))
                winner = each;
        }

        // Without a plain one each plugin's first stands for itself.
        var ofPlugin = winner < 0 ? new Dictionary<string, int>(StringComparer.Ordinal) : null;
        var shadows = new Dictionary<int, List<int>>();
        foreach (var each in group)
        {
            var first = winner;
            if (ofPlugin is not null && (ofPlugin.TryAdd(resources[each].Resource.Plugin!.Name, each) || !ofPlugin.TryGetValue(resources[each].Resource.Plugin!.Name, out first)))
                first = each;
            if (!shadows.TryGetValue(first, out var shadowed))
                shadows.Add(first, shadowed = []);
            if (first == each)
                continue;
            shadowed.Add(each);
            standings[each] = new(first, [], group.Count);
        }

        foreach (var (first, shadowed) in shadows)
            standings[first] = new(-1, shadowed, group.Count);
    }

    private static int Precedence((Resource Resource, int Rank) given) => given is { Resource: Skill, Rank: User } ? -1 : given.Rank;
}
