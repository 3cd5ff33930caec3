namespace Jarvis.Catalog.Resources;

public static class Categories
{
    /// <summary>Whether a resource's category is the one that a query names, as a slug or as it was written.</summary>
    public static bool Same(string? category, string queried) => category is not null && (category == queried || category == Slug.Of(queried));
}
