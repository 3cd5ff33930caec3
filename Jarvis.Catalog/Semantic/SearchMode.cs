namespace Jarvis.Catalog.Semantic;

/// <summary>How a search ranks.</summary>
public enum SearchMode
{
    Lexical,
    Semantic,
    Hybrid,
}

public static class SearchModes
{
    public static readonly IReadOnlyCollection<string> All = [.. Enum.GetValues<SearchMode>().Select(Word)];

    /// <summary>As <c>?mode=</c> has it; lexical when it does not say.</summary>
    public static SearchMode Parse(string? word) => word is null ? SearchMode.Lexical : Enum.Parse<SearchMode>(word, ignoreCase: true);

    public static string Word(this SearchMode mode) => mode.ToString().ToLowerInvariant();
}
