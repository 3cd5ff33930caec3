namespace Jarvis.ServiceDefaults.Validation;

/// <summary>Optimal string alignment: insertions, deletions, substitutions and swaps of neighbours, each counting one.</summary>
internal static class EditDistance
{
    /// <summary>Longer texts are never compared, so that the table stays on the stack.</summary>
    public const int MaxLength = 64;

    /// <summary>The distance, or one more than <paramref name="limit"/> when it is larger than that.</summary>
    public static int Of(ReadOnlySpan<char> first, ReadOnlySpan<char> second, int limit)
    {
        if (first.Length > MaxLength || second.Length > MaxLength || Math.Abs(first.Length - second.Length) > limit)
            return limit + 1;
        Span<int> beforeLast = stackalloc int[MaxLength + 1];
        Span<int> last = stackalloc int[MaxLength + 1];
        Span<int> row = stackalloc int[MaxLength + 1];
        for (var j = 0; j <= second.Length; j++)
            last[j] = j;
        for (var i = 1; i <= first.Length; i++)
        {
            row[0] = i;
            var best = i;
            for (var j = 1; j <= second.Length; j++)
            {
                var cost = first[i - 1] == second[j - 1] ? 0 : 1;
                row[j] = Math.Min(Math.Min(row[j - 1], last[j]) + 1, last[j - 1] + cost);
                if (i > 1 && j > 1 && first[i - 1] == second[j - 2] && first[i - 2] == second[j - 1])
                    row[j] = Math.Min(row[j], beforeLast[j - 2] + 1);
                best = Math.Min(best, row[j]);
            }
            if (best > limit)
                return limit + 1;
            var spare = beforeLast;
            beforeLast = last;
            last = row;
            row = spare;
        }
        return Math.Min(last[second.Length], limit + 1);
    }
}
