using Microsoft.AspNetCore.Http;

namespace Jarvis.ServiceDefaults.Lists;

/// <summary><c>?limit=&amp;offset=&amp;sort=&amp;category=</c> of a list, as a handler's parameter.</summary>
/// <param name="Limit">1 to 200, 50 when not given.</param>
/// <param name="Offset">0 when not given.</param>
/// <param name="Sort">A field's name, with <c>-</c> before it for descending; null for the list's own order.</param>
/// <param name="Category">Only items of this category; null for all.</param>
public sealed record ListQuery(int Limit, int Offset, string? Sort, string? Category)
{
    public const int DefaultLimit = 50;
    public const int MaxLimit = 200;

    public static ValueTask<ListQuery?> BindAsync(HttpContext context)
    {
        var reader = new QueryReader(context.Request.Query);
        var query = Read(reader);
        reader.ThrowIfWrong();
        return new(query);
    }

    /// <summary>For lists with further parameters: read these, read yours, then <see cref="QueryReader.ThrowIfWrong"/>.</summary>
    public static ListQuery Read(QueryReader reader) => new(
        reader.Whole("limit", DefaultLimit, 1, MaxLimit), reader.Whole("offset", 0, 0, int.MaxValue), reader.Text("sort", 64), reader.Text("category"));
}
