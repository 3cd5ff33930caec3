namespace Jarvis.Catalog.Linting;

/// <summary>Names in a sentence: a few, each of bounded length, and how many more there are.</summary>
public static class Names
{
    private const int Shown = 5;
    private const int MaxLength = 60;

    public static string Of(IEnumerable<string> names)
    {
        var all = names.Distinct(StringComparer.Ordinal).ToList();
        var few = string.Join(", ", all.Take(Shown).Select(name => $"'{Cut(name)}'"));
        return all.Count <= Shown ? few : $"{few} and {all.Count - Shown} more";
    }

    public static string Cut(string name) => name.Length <= MaxLength ? name : $"{name[..MaxLength]}…";
}
