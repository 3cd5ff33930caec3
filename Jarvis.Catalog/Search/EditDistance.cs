namespace Jarvis.Catalog.Search;

/// <summary>Spelling mistakes: insertions, deletions, replacements and exchanges of neighbours (optimal string alignment).</summary>
public static class EditDistance
{
    /// <summary>The distance, or -1 when it is more than <paramref name="max"/> (1 or 2).</summary>
    public static int Within(ReadOnlySpan<char> left, ReadOnlySpan<char> right, int max)
    {
        if (Math.Abs(left.Length - right.Length) > max)
            return -1;
        var same = left.CommonPrefixLength(right);
        left = left[same..];
        right = right[same..];
        while (left.Length > 0 && right.Length > 0 && left[^1] == right[^1])
        {
            left = left[..^1];
            right = right[..^1];
        }

        if (left.Length == 0 || right.Length == 0)
            return Limited(Math.Max(left.Length, right.Length), max);
        if (right.Length > TokenReader.MaxTokenLength || left.Length > TokenReader.MaxTokenLength)
            return -1;

        // Three rows of the usual table, kept to the diagonal band that can still be within the limit.
        const int Width = TokenReader.MaxTokenLength + 1;
        const byte Far = 200;
        Span<byte> rows = stackalloc byte[3 * Width];
        var before = rows[..Width];
        var previous = rows.Slice(Width, Width);
        var current = rows[(2 * Width)..];
        for (var j = 0; j <= right.Length; j++)
            previous[j] = (byte)j;
        for (var i = 1; i <= left.Length; i++)
        {
            var (from, to) = (Math.Max(1, i - max), Math.Min(right.Length, i + max));
            current[from - 1] = from == 1 ? (byte)i : Far;
            int best = current[from - 1];
            for (var j = from; j <= to; j++)
            {
                var above = j == i + max ? Far : previous[j];
                var value = Math.Min(Math.Min(above, current[j - 1]) + 1, previous[j - 1] + (left[i - 1] == right[j - 1] ? 0 : 1));
                if (i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1])
                    value = Math.Min(value, before[j - 2] + 1);
                current[j] = (byte)value;
                best = Math.Min(best, current[j]);
            }

            if (best > max)
                return -1;
            var oldest = before;
            before = previous;
            previous = current;
            current = oldest;
        }

        return Limited(previous[right.Length], max);
    }

    private static int Limited(int distance, int max) => distance <= max ? distance : -1;
}
