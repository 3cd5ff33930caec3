using System.Collections.Frozen;

namespace Jarvis.Catalog.Search;

/// <summary>English words that say nothing of what is looked for: they are not asked of a result when the query has others.</summary>
public static class StopWords
{
    private static readonly FrozenSet<string> Words = ("a about all also am an and any are as at be been before being but by can could d did do does doing don else for from get had has have having "
        + "he her here him his how i if in into is it its just let ll m me more most my need no not of on or our out over please re s shall she should so some such t than that the "
        + "their them then there these they this those to too up us use used using ve very want was we were what when where which while who whom whose why will with without would "
        + "you your").Split(' ').ToFrozenSet(StringComparer.Ordinal);

    public static bool Has(string word) => Words.Contains(word);
}
