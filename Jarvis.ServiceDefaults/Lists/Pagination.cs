namespace Jarvis.ServiceDefaults.Lists;

/// <summary>Where a page lies in its list.</summary>
/// <param name="Total">Items in the whole list.</param>
/// <param name="Limit">At most so many on a page (1 to 200).</param>
/// <param name="Offset">Items before this page.</param>
/// <param name="HasMore">Whether another page follows.</param>
public sealed record Pagination(int Total, int Limit, int Offset, bool HasMore)
{
    public static Pagination Of(ListQuery query, int total) =>
        new(total, query.Limit, query.Offset, (long)query.Offset + query.Limit < total);
}

/// <summary>Where a page of a time-ordered list ends; <c>next_cursor</c> is null on the last one.</summary>
public sealed record CursorPagination(int Limit, string? NextCursor, bool HasMore);
