using System.Runtime.CompilerServices;
using Jarvis.Catalog.Library;
using Jarvis.Catalog.Resources;

namespace Jarvis.Catalog.Effective;

/// <summary>A name, who has it, and who else would.</summary>
/// <param name="Winner">Null when several plugins have the name and nothing else does: only their scoped names tell them apart.</param>
/// <param name="Reason">Which rule decided.</param>
/// <param name="Definitions">All of the name, the winner first.</param>
public sealed record EffectiveName(string Name, ResourceKind Kind, Definition? Winner, string Reason, IReadOnlyList<Definition> Definitions);

/// <summary>A resource as the effective view shows it.</summary>
/// <param name="ScopedName">Finds it whatever else there is; only a plugin's has one.</param>
public sealed record Definition(string Id, string Source, string Path, string? Plugin, string? ScopedName, bool Effective, string? ShadowedBy);

/// <summary>The names of a snapshot, made when they are first asked for and kept as long as the snapshot's resources are.</summary>
public sealed class EffectiveIndex
{
    private static readonly ConditionalWeakTable<IReadOnlyList<CatalogEntry>, EffectiveIndex> Made = [];
    private readonly List<(ResourceKind Kind, string Name, List<Resource> Resources)> _names;
    private readonly List<(ResourceKind Kind, string Name, List<Resource> Resources)> _several;

    private EffectiveIndex(IReadOnlyList<CatalogEntry> entries)
    {
        var byName = new Dictionary<(ResourceKind, string), List<Resource>>(entries.Count);
        foreach (var entry in entries)
        {
            var key = (entry.Resource.Kind, EffectiveView.NameOf(entry.Resource));
            if (!byName.TryGetValue(key, out var resources))
                byName.Add(key, resources = []);
            resources.Add(entry.Resource);
        }

        _names = [.. byName.Select(pair => (Kind: pair.Key.Item1, Name: pair.Key.Item2, Resources: pair.Value)).OrderBy(each => each.Name, StringComparer.OrdinalIgnoreCase)
            .ThenBy(each => each.Name, StringComparer.Ordinal).ThenBy(each => each.Kind)];
        _several = _names.FindAll(each => each.Resources.Count > 1);
    }

    public static EffectiveIndex Of(CatalogSnapshot snapshot) => Made.GetValue(snapshot.Entries, entries => new(entries));

    /// <summary>A page of names, and how many there are.</summary>
    public (IReadOnlyList<EffectiveName> Names, int Total) Page(bool all, ResourceKind? kind, string? name, int offset, int limit)
    {
        var matching = (all ? _names : _several).FindAll(each => (kind is null || each.Kind == kind)
            && (name is null || each.Name.Equals(name, StringComparison.OrdinalIgnoreCase)));
        return ([.. matching.Skip(offset).Take(limit).Select(each => Show(each.Kind, each.Name, each.Resources))], matching.Count);
    }

    private static EffectiveName Show(ResourceKind kind, string name, List<Resource> resources)
    {
        var definitions = resources.OrderByDescending(resource => resource.Effective).Select(resource => new Definition(
            resource.Id, resource.Source, resource.Path, resource.Plugin?.Name, EffectiveView.ScopedNameOf(resource), resource.Effective, resource.ShadowedBy)).ToList();
        var effective = definitions.FindAll(definition => definition.Effective);
        var reason = (kind, resources.Count, effective.Count) switch
        {
            (_, 1, _) => "It is the only one of its name.",
            (ResourceKind.Workflow, _, _) => "n8n goes by id: workflows of one name stand side by side.",
            (_, _, > 1) => "Several plugins have the name: only the scoped names tell them apart.",
            (ResourceKind.Skill, _, _) => "Of skills the user's comes before a project's, then what lies freely; the plain name finds a plugin's last.",
            _ => "A project's comes before the user's, then what lies freely, then a plugin's; among equals the first root and path.",
        };
        return new(name, kind, effective.Count == 1 ? effective[0] : null, reason, definitions);
    }
}
