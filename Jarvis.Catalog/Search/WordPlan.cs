using System.Runtime.InteropServices;

namespace Jarvis.Catalog.Search;

/// <summary>How a word of the query was found in a document, best first.</summary>
public enum MatchKind
{
    Exact,

    /// <summary>As part of a phrase in quotes.</summary>
    Phrase,

    /// <summary>Another form of the word: review, reviews, reviewed.</summary>
    Stem,

    Prefix,

    /// <summary>One or two letters differ.</summary>
    Typo,
}

/// <summary>A term of the index that stands for a word of the query.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct TermForm(int Number, MatchKind How);

/// <summary>What became of one word or phrase of a query: the terms that stand for it.</summary>
internal sealed class WordPlan(string word)
{
    public string Word { get; } = word;

    public List<TermForm> Forms { get; } = [];

    /// <summary>Whether all terms that begin with the word stand for it too.</summary>
    public bool IsPrefix => Prefixes is not null;

    /// <summary>The terms that begin with the word.</summary>
    public PrefixTerms? Prefixes { get; set; }

    /// <summary>The word's weight; 0 when no document has it.</summary>
    public float Weight { get; set; }

    /// <summary>The spelling that the library has, when it does not have the word.</summary>
    public string? Correction { get; set; }

    /// <summary>Of a phrase its words.</summary>
    public IReadOnlyList<string>? Phrase { get; init; }

    public void Note(int number, MatchKind how)
    {
        if (!HasForm(number))
            Forms.Add(new(number, how));
    }

    public bool HasForm(int number)
    {
        foreach (var form in Forms)
        {
            if (form.Number == number)
                return true;
        }

        return false;
    }
}
