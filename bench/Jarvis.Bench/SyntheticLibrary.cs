using System.Text;
using Jarvis.Catalog.Library;
using Jarvis.Catalog.Resources;

namespace Jarvis.Bench;

/// <summary>
/// Made-up resources with the statistics of real ones: words by Zipf's law from a vocabulary of 60,000, names of two or three words, descriptions of
/// about 40, bodies of about 600. The same number gives the same resource everywhere.
/// </summary>
public static class SyntheticLibrary
{
    private const int VocabularySize = 60_000;
    private static readonly string[] Models = ["opus", "sonnet", "haiku"];
    private static readonly string[] Tools = ["Read", "Edit", "Bash", "Grep", "Glob", "WebSearch", "WebFetch"];
    private static readonly string[] Syllables =
    [
        "con", "ter", "re", "ma", "in", "de", "pro", "ser", "ta", "lo", "mi", "na", "ver", "ti", "po", "ca", "ra", "si", "ment", "er", "ing", "ed", "al", "le", "tor",
        "gra", "pi", "no", "ex", "com", "per", "sta", "tra", "vi", "do", "fi", "ge", "hu", "ka", "lin", "mo", "ne", "or", "pa", "que", "ro", "sub", "tem", "un", "web",
    ];

    private static readonly string[] Words = Vocabulary();
    private static readonly double[] Cumulative = Distribution();

    /// <summary>The word of a rank: 0 is the most frequent.</summary>
    public static string Word(int rank) => Words[rank];

    public static (Resource Resource, string Body) Resource(int number)
    {
        // A generator's state depends on its seed too little for the first numbers; these are spread.
        var random = new Random(unchecked(number * (int)2654435761));
        var name = $"{Name(random)}-{Name(random)}{(random.Next(2) == 0 ? $"-{Name(random)}" : "")}";
        var description = Text(random, 25 + random.Next(30));
        var body = new StringBuilder();
        for (var paragraph = 0; paragraph < 8; paragraph++)
            body.Append("## ").Append(Text(random, 3)).Append("\n\n").Append(Text(random, 55 + random.Next(40))).Append("\n\n");
        var category = $"category-{random.Next(24)}";
        string[] tools = [.. Enumerable.Range(0, 1 + random.Next(4)).Select(_ => Tools[random.Next(Tools.Length)]).Distinct(StringComparer.Ordinal)];
        var model = Models[random.Next(Models.Length)];
        Resource resource = (number % 10) switch
        {
            < 5 => new Agent { Name = name, Description = description, Tools = tools, Model = model },
            < 8 => new Command { Name = name, Description = description, AllowedTools = tools, Model = model, Invocation = $"/{name}" },
            _ => new Skill { Name = name, Description = description, AllowedTools = tools },
        };
        var plugin = number % 3 == 0 ? new PluginRef($"plugin-{random.Next(60)}", "1.0.0") : null;
        return (resource with { Id = $"{name}-{number}", Category = category, Plugin = plugin, Source = "synthetic" }, body.ToString());
    }

    public static CatalogEntry Entry(Resource resource, string body) => new(resource, default, new(Encoding.UTF8.GetBytes(body), "text/markdown", "utf-8", ""), "");

    /// <summary>Writes the first <paramref name="count"/> resources as the files that they would be.</summary>
    public static void Write(string folder, int count)
    {
        for (var number = 0; number < count; number++)
        {
            var (resource, body) = Resource(number);
            var (path, tools) = resource switch
            {
                Agent agent => ($"agents/{resource.Category}/{resource.Id}.md", $"name: {resource.Id}\ntools: {string.Join(", ", agent.Tools)}\nmodel: {agent.Model}\n"),
                Command command => ($"commands/{resource.Category}/{resource.Id}.md", $"allowed-tools: {string.Join(", ", command.AllowedTools)}\nmodel: {command.Model}\n"),
                _ => ($"skills/{resource.Id}/SKILL.md", $"name: {resource.Id}\n"),
            };
            var file = Path.Combine(folder, path);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, $"---\n{tools}description: {resource.Description}\n---\n\n{body}");
        }
    }

    private static string Text(Random random, int words) => string.Join(' ', Enumerable.Range(0, words).Select(_ => Next(random)));

    private static string Next(Random random) => Words[Math.Min(VocabularySize - 1, ~Array.BinarySearch(Cumulative, random.NextDouble()) & int.MaxValue)];

    // Names are made of words that mean something: neither the most frequent nor the rarest.
    private static string Name(Random random) => Words[100 + random.Next(4_000)];

    private static string[] Vocabulary()
    {
        var random = new Random(42);
        var words = new HashSet<string>(StringComparer.Ordinal);
        var ordered = new List<string>(VocabularySize);
        while (ordered.Count < VocabularySize)
        {
            // Frequent words are short.
            var syllables = (ordered.Count < 200 ? 1 : ordered.Count < 5_000 ? 2 : 3) + random.Next(2);
            var word = string.Concat(Enumerable.Range(0, syllables).Select(_ => Syllables[random.Next(Syllables.Length)]));
            if (words.Add(word))
                ordered.Add(word);
            else if (ordered.Count < 200 && words.Count >= Syllables.Length && words.Add($"{word}{ordered.Count}"))
                ordered.Add($"{word}{ordered.Count}");
        }

        return [.. ordered];
    }

    private static double[] Distribution()
    {
        var cumulative = new double[VocabularySize];
        var sum = 0.0;
        for (var rank = 0; rank < VocabularySize; rank++)
            cumulative[rank] = sum += 1 / Math.Pow(rank + 2.7, 1.07);
        return Array.ConvertAll(cumulative, value => value / sum);
    }
}
