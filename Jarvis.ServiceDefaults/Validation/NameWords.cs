namespace Jarvis.ServiceDefaults.Validation;

/// <summary>A name taken apart: <c>expiresInDays</c>, <c>Expires-In-Days</c> and <c>expires_in_days</c> are the same words.</summary>
internal sealed class NameWords
{
    private NameWords(string text, string[] words) => (Text, Words, Snake, Joined) = (text, words, string.Join('_', words), string.Concat(words));

    /// <summary>As it was written.</summary>
    public string Text { get; }

    /// <summary>In lower case.</summary>
    public IReadOnlyList<string> Words { get; }

    /// <summary>The words as the contract writes names.</summary>
    public string Snake { get; }

    /// <summary>The words without anything between them.</summary>
    public string Joined { get; }

    /// <summary>Splits at everything that is no letter or digit, and where a capital follows a small letter or a digit.</summary>
    public static NameWords Of(string text)
    {
        var words = new List<string>();
        var start = 0;
        for (var i = 0; i <= text.Length; i++)
        {
            var ends = i == text.Length || !char.IsLetterOrDigit(text[i]);
            if (!ends && !(i > start && char.IsUpper(text[i]) && !char.IsUpper(text[i - 1])))
                continue;
            if (i > start)
                words.Add(text[start..i].ToLowerInvariant());
            start = ends ? i + 1 : i;
        }
        return new(text, [.. words]);
    }

    /// <summary>The same words, in whatever order and form.</summary>
    public bool HasSameWords(NameWords other) =>
        string.Equals(Joined, other.Joined, StringComparison.Ordinal) || (Words.Count == other.Words.Count && Contains(other) && other.Contains(this));

    /// <summary>Whether every word of <paramref name="other"/> is among these; the plural of a word counts for it.</summary>
    public bool Contains(NameWords other) => other.Words.All(word => Words.Any(own => IsSame(own, word)));

    public static bool IsSame(string first, string second) => Singular(first).SequenceEqual(Singular(second));

    private static ReadOnlySpan<char> Singular(string word) => word.Length > 3 && word[^1] == 's' ? word.AsSpan(0, word.Length - 1) : word;
}
