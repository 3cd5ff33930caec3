namespace Jarvis.Catalog.Search;

/// <summary>Where the objects of one list stand in the next. Most lists differ in a few places, so only what lies between the first and the last is looked up.</summary>
internal static class Moves
{
    /// <summary>For each object of <paramref name="before"/> its position in <paramref name="now"/>, -1 when it is gone. An object that stands there twice is found once.</summary>
    public static int[] Of<T>(IReadOnlyList<T> before, IReadOnlyList<T> now)
        where T : class
    {
        var moved = new int[before.Count];
        var (least, start, end) = (Math.Min(before.Count, now.Count), 0, 0);
        for (; start < least && ReferenceEquals(before[start], now[start]); start++)
            moved[start] = start;
        for (; end < least - start && ReferenceEquals(before[before.Count - end - 1], now[now.Count - end - 1]); end++)
            moved[^(end + 1)] = now.Count - end - 1;

        var between = new Dictionary<T, int>(ReferenceEqualityComparer.Instance);
        for (var i = start; i < now.Count - end; i++)
            between.TryAdd(now[i], i);
        for (var i = start; i < before.Count - end; i++)
            moved[i] = between.Remove(before[i], out var position) ? position : -1;
        return moved;
    }
}
