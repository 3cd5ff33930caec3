using System.Text;
using Jarvis.Catalog.Library;
using Jarvis.Catalog.Resources;
using Jarvis.Catalog.Search;

namespace Jarvis.Catalog.Tests;

/// <summary>Documents made up for the ranker, without files.</summary>
internal static class SearchCorpus
{
    // Near each other in spelling, in stem and as prefixes, on purpose.
    public static readonly string[] Vocabulary =
    [
        "manager", "manager", "manager", "manager", "manager", "manger", "managers", "review", "reviews", "reviewer", "code", "coder", "codec", "deploy", "deployment", "kubernetes",
        "kubernetse", "form", "farm", "the", "café", "cafe", "OpenAi", "open-ai", "日本語", "x",
    ];

    public static (CatalogEntry Entry, DocumentTerms Terms) Document(Random random, TermTable table, int id)
    {
        var (name, description, body) = ($"{Words(random, 1)}-{Word(random)}", Words(random, random.Next(4)), Words(random, random.Next(6)));
        Resource resource = random.Next(2) == 0
            ? new Agent { Name = name, Description = description, Category = random.Next(3) == 0 ? "ops" : null, Tools = random.Next(2) == 0 ? ["Read", "Bash(git:*)"] : [] }
            : new Command { Name = name, Description = description, Invocation = $"/{name}" };
        return Document(resource with { Id = $"id-{id}", Source = "made-up" }, body, table);
    }

    public static (CatalogEntry Entry, DocumentTerms Terms) Document(Resource resource, string body, TermTable table) =>
        (new(resource, default, new(Encoding.UTF8.GetBytes(body), "text/markdown", "utf-8", ""), ""), table.CountWords(resource, body));

    public static Ranker Ranker(IReadOnlyList<(CatalogEntry Entry, DocumentTerms Terms)> documents, TermTable table, Ranker? previous = null, int maxAtOnce = 100) =>
        new(SearchIndex.Build(previous?.Index, [.. documents.Select(document => document.Terms)], table, maxAtOnce), [.. documents.Select(document => document.Entry)], previous);

    public static string Text(CatalogEntry entry) =>
        $"{entry.Resource.Name} . {entry.Resource.Category} . {entry.Resource.Kind.Spoken()} . {entry.Resource.Description} . {Encoding.UTF8.GetString(entry.Content.Utf8)} . "
        + string.Join(" . ", ResourceFacets.Tools(entry.Resource));

    public static string Word(Random random) => Vocabulary[random.Next(Vocabulary.Length)];

    public static string Words(Random random, int count) => string.Join(' ', Enumerable.Range(0, count + 1).Select(_ => Word(random)));
}
