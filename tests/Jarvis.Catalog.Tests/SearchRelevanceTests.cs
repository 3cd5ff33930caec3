using System.Text.Json;
using Jarvis.Catalog.Library;
using Jarvis.Catalog.Resources;
using Xunit.Abstractions;

namespace Jarvis.Catalog.Tests;

/// <summary>
/// Judged queries over the starter library and <c>Relevance/library.txt</c>. The judgements were written by reading the resources, before
/// any weight was set; a query that ranks badly is a reason to change the ranker, never the judgement.
/// </summary>
public sealed class SearchRelevanceTests(ITestOutputHelper output) : IDisposable
{
    private const double Least = 0.85;
    private readonly TempLibrary _library = new(options => options with { Roots = [.. options.Roots, Path.Combine(RepoRoot(), "library")] });

    public void Dispose() => _library.Dispose();

    [Fact]
    public void Find_JudgedQueries_ReachTheRelevanceThatIsAskedFor()
    {
        WriteFixtures();
        var snapshot = _library.Scan();
        var judged = Lines("judgements.txt").Select(line => line.Split("=>", 2)).Select(parts => (Query: parts[0].Trim(), Grades: Grades(parts[1]))).ToList();
        Assert.True(judged.Count >= 60, "Too few judged queries.");
        var known = snapshot.Entries.SelectMany(entry => Keys(entry.Resource)).ToHashSet(StringComparer.Ordinal);
        Assert.Empty(judged.SelectMany(each => each.Grades.Keys).Where(key => !known.Contains(key)).Distinct(StringComparer.Ordinal));

        var measured = judged.ConvertAll(each => (each.Query, Ndcg: Ndcg(snapshot, each.Query, each.Grades, out var ranking), Ranking: ranking));
        var mean = measured.Average(each => each.Ndcg);
        var worst = string.Join('\n', measured.OrderBy(each => each.Ndcg).Take(15).Select(each => $"{each.Ndcg:F3}  {each.Query}  ->  {each.Ranking}"));
        output.WriteLine($"nDCG@10 {mean:F4} over {measured.Count} queries; worst:\n{worst}");
        Assert.True(mean >= Least, $"nDCG@10 is {mean:F4}, less than {Least}. The worst queries:\n{worst}");
    }

    private static double Ndcg(CatalogSnapshot snapshot, string query, Dictionary<string, int> grades, out string ranking)
    {
        var found = snapshot.Ranker.Find(query).Take(10).Select(hit => snapshot.Entries[hit.Document].Resource).ToList();
        var gained = found.ConvertAll(resource => Keys(resource).Max(key => grades.GetValueOrDefault(key)));
        ranking = string.Join(", ", found.Zip(gained, (resource, grade) => $"{resource.Name}:{grade}").Take(6));
        return Dcg(gained) / Dcg([.. grades.Values.OrderDescending().Take(10)]);
    }

    private static double Dcg(List<int> grades) => grades.Select((grade, rank) => (Math.Pow(2, grade) - 1) / Math.Log2(rank + 2)).Sum();

    private static Dictionary<string, int> Grades(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries)
        .ToDictionary(each => each[..each.LastIndexOf(':')], each => int.Parse(each.AsSpan(each.LastIndexOf(':') + 1)), StringComparer.Ordinal);

    private static IEnumerable<string> Keys(Resource resource) => [$"{resource.Kind.Word()[0]}/{resource.Id}", $"{resource.Kind.Word()[0]}/{resource.Name}"];

    private static IEnumerable<string> Lines(string name)
    {
        using var reader = new StreamReader(typeof(SearchRelevanceTests).Assembly.GetManifestResourceStream(name)!);
        while (reader.ReadLine() is { } line)
        {
            if (line.Length > 0 && !line.StartsWith("# ", StringComparison.Ordinal))
                yield return line;
        }
    }

    private void WriteFixtures()
    {
        var servers = new Dictionary<string, object>(StringComparer.Ordinal);
        foreach (var parts in Lines("library.txt").Select(line => line.Split('|', StringSplitOptions.TrimEntries)))
        {
            var (kind, name, description, body) = (parts[0], parts[1], parts[3], parts[4]);
            var given = parts[2].Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(each => each.Split('=', 2))
                .ToDictionary(each => each[0], each => each[1], StringComparer.Ordinal);
            var matter = string.Concat(given.Select(pair => (pair.Key == "tools" && kind != "agent" ? "allowed-tools" : pair.Key) switch
            {
                "tags" => $"tags: [{pair.Value}]\n",
                var key => $"{key}: \"{pair.Value}\"\n",
            }));
            switch (kind)
            {
                case "agent":
                    _library.Write($"agents/{name}.md", $"---\nname: {name}\ndescription: \"{description}\"\n{matter}---\n\n{body}\n");
                    break;
                case "command":
                    _library.Write($"commands/{name}.md", $"---\ndescription: \"{description}\"\n{matter}---\n\n{body}\n");
                    break;
                case "skill":
                    _library.Write($"skills/{name}/SKILL.md", $"---\nname: {name}\ndescription: \"{description}\"\n{matter}---\n\n{body}\n");
                    break;
                case "mcp":
                    servers.Add(name, given.TryGetValue("url", out var url) ? new { type = "http", url } : new { command = given["command"], args = given["args"].Split(' ') });
                    break;
                case "workflow":
                    var nodes = given["nodes"].Split(',').Select(type => new { name = type[(type.LastIndexOf('.') + 1)..], type, parameters = new { } });
                    _library.Write($"workflows/{Slug.Of(name)}.json", JsonSerializer.Serialize(new { name, description, nodes, connections = new { }, tags = given["tags"].Split(',') }));
                    break;
            }
        }

        _library.Write(".mcp.json", JsonSerializer.Serialize(new { mcpServers = servers }));
    }

    private static string RepoRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Jarvis.sln")))
            folder = folder.Parent ?? throw new DirectoryNotFoundException("The tests do not lie in the repository.");
        return folder.FullName;
    }
}
