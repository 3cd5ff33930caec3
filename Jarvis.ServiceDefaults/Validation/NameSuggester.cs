namespace Jarvis.ServiceDefaults.Validation;

/// <summary>Finds the one of some known names that an unknown one was probably meant to be.</summary>
/// <param name="known">What there is, in the order in which it is told.</param>
/// <param name="synonyms">Other words for them.</param>
internal sealed class NameSuggester(IEnumerable<string> known, Synonyms synonyms)
{
    // Shorter ones are too often part of a longer word by chance.
    private const int TellingLength = 4;

    private readonly NameWords[] _known = [.. known.Select(NameWords.Of)];

    /// <summary>The known name, or null when this one looks like none of them.</summary>
    public string? For(string name)
    {
        if (name.Length > EditDistance.MaxLength)
            return null;
        var given = NameWords.Of(name);
        if (given.Words.Count == 0)
            return null;
        if (Array.Find(_known, each => string.Equals(each.Text, name, StringComparison.OrdinalIgnoreCase)) is { } equal)
            return equal.Text;
        if (Array.Find(_known, each => each.HasSameWords(given)) is { } reordered)
            return reordered.Text;
        if (Synonyms.IsHarmless(given.Snake))
            return null;
        return synonyms.For(given.Snake).FirstOrDefault(meant => Array.Exists(_known, each => each.Text == meant)) ?? Misspelt(given) ?? Related(given);
    }

    private string? Misspelt(NameWords given) => Nearest(given, each => IsMisspelt(given.Snake, each.Text));

    private string? Related(NameWords given) => Nearest(given, each => IsRelated(given, each));

    private string? Nearest(NameWords given, Func<NameWords, bool> fits) =>
        _known.Where(fits).MinBy(each => EditDistance.Of(given.Snake, each.Text, EditDistance.MaxLength))?.Text;

    /// <summary>One slip, or two in a name that is long enough to be told apart from others by the rest of it.</summary>
    private static bool IsMisspelt(string given, string known)
    {
        var (shorter, longer) = (Math.Min(given.Length, known.Length), Math.Max(given.Length, known.Length));
        return EditDistance.Of(given, known, 2) switch
        {
            0 => true,
            1 => shorter >= 2,
            2 => shorter >= 3 && (longer > 5 || (longer == 5 && given[0] == known[0])),
            _ => false,
        };
    }

    /// <summary><c>expires_at</c> and <c>expires_in_days</c>, <c>metric</c> and <c>metric_name</c>, <c>desc</c> and <c>description</c>.</summary>
    private static bool IsRelated(NameWords given, NameWords known)
    {
        if (given.Words[0].Length >= TellingLength && NameWords.IsSame(given.Words[0], known.Words[0]))
            return true;
        if ((given.Joined.Length >= TellingLength && known.Contains(given)) || (known.Joined.Length >= TellingLength && given.Contains(known)))
            return true;
        return (given.Snake.Length >= TellingLength && known.Text.StartsWith(given.Snake, StringComparison.Ordinal))
            || (known.Text.Length >= TellingLength && given.Snake.StartsWith(known.Text, StringComparison.Ordinal));
    }
}
