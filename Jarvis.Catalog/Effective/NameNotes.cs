using Jarvis.Catalog.Diagnostics;
using Jarvis.Catalog.Library;
using Jarvis.Catalog.Resources;

namespace Jarvis.Catalog.Effective;

/// <summary>Diagnostics of names that several resources have: <c>duplicate_name</c>, and <c>name_case</c> where only upper and lower case tell them apart.</summary>
public static class NameNotes
{
    /// <summary>Notes on <paramref name="resources"/>, which have their ids and standings.</summary>
    public static IEnumerable<Diagnostic> Of(IReadOnlyList<Resource> resources, IReadOnlyList<Standing> standings)
    {
        var seen = new Dictionary<string, Resource>(resources.Count, StringComparer.OrdinalIgnoreCase);
        for (var i = 0; i < resources.Count; i++)
        {
            var (resource, standing) = (resources[i], standings[i]);
            var name = EffectiveView.NameOf(resource);
            var isFirst = seen.TryAdd(name, resource);
            if (standing.ShadowedBy >= 0)
                yield return Note(resource, "duplicate_name", $"{Spoken(resource)} '{Clip(name)}' is shadowed by {Where(resources[standing.ShadowedBy], resource)}, which has the same name and {Why(resources[standing.ShadowedBy], resource)}.", Mend(resource));
            else if (!isFirst && seen[name] is var other && EffectiveView.NameOf(other) != name)
                yield return Note(resource, "name_case", $"{Spoken(resource)} '{Clip(name)}' and {Where(other, resource)} have names that differ by upper and lower case only.", "Rename one: some file systems and people cannot tell them apart.");
            else if (!isFirst && standing.Namesakes > 1 && (resource.Plugin is not null || resource is Workflow))
                yield return Note(resource, "duplicate_name", $"{Spoken(resource)} '{Clip(name)}' has the name of {Where(seen[name], resource)}; {Both(resource, seen[name])}.", Mend(resource));
        }
    }

    /// <summary>All diagnostics by source and path; those of one file as they came.</summary>
    public static List<Diagnostic> Ordered(List<Diagnostic> diagnostics, IReadOnlyList<ScannedSource> sources)
    {
        var order = sources.Select((source, index) => (source.Source.Name, index)).ToDictionary(StringComparer.Ordinal);
        return [.. diagnostics.OrderBy(diagnostic => order.GetValueOrDefault(diagnostic.Source)).ThenBy(diagnostic => diagnostic.Path, StringComparer.Ordinal)];
    }

    private static string Why(Resource winner, Resource loser) => (winner.Plugin, loser.Plugin) switch
    {
        (null, not null) => "belongs to no plugin",
        (not null, not null) => "comes first in the plugin",
        _ when winner.Source == loser.Source => "comes first in the source",
        _ => "comes first in the order of precedence",
    };

    private static string Both(Resource resource, Resource other) => resource.Plugin is null ? "each is found by its id"
        : $"each is found by its plugin's name before it, as {EffectiveView.ScopedNameOf(other)} and {EffectiveView.ScopedNameOf(resource)}";

    private static string Mend(Resource resource) => EffectiveView.ScopedNameOf(resource) is { } scoped ? $"Refer to it as {Clip(scoped)}, or rename one." : "Rename one or remove it.";

    private static string Where(Resource other, Resource seenFrom) => other.Source == seenFrom.Source ? $"'{other.Path}'" : $"'{other.Path}' of source '{other.Source}'";

    private static string Spoken(Resource resource) => $"The {resource.Kind.Spoken()}";

    private static string Clip(string text) => Formats.MatterFields.Clip(text);

    private static Diagnostic Note(Resource resource, string code, string reason, string fix) => new(resource.Source, resource.Path, null, resource.Kind, DiagnosticState.Ok, code, reason, fix);
}
