using System.Runtime.InteropServices;

namespace Jarvis.Catalog.Semantic;

/// <summary>An entry in the order of a search, and which list it was found by.</summary>
/// <param name="Entry">Its index in the snapshot's entries.</param>
/// <param name="Score">The cosine (semantic) or the fused score (hybrid).</param>
/// <param name="LexicalRank">Its place in the lexical list, from 0; null when the words did not find it.</param>
/// <param name="Cosine">Null when the vectors did not find it.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct FusedEntry(int Entry, double Score, int? LexicalRank, double? Cosine);

/// <summary>
/// Reciprocal rank fusion (Cormack, Clarke and Büttcher 2009): an entry's score is the sum of 1 / (k + rank) over the lists that have it. Only
/// ranks count, so that scores of different scales need no weights.
/// </summary>
public static class RankFusion
{
    public const int K = 60;

    /// <summary>Best first; equals in the order of the snapshot.</summary>
    /// <param name="lexical">Entries, best first, each once.</param>
    /// <param name="semantic">Entries, best first, each once.</param>
    public static IReadOnlyList<FusedEntry> Fuse(IReadOnlyList<int> lexical, IReadOnlyList<ScoredEntry> semantic)
    {
        var fused = new Dictionary<int, FusedEntry>(lexical.Count + semantic.Count);
        for (var rank = 0; rank < lexical.Count; rank++)
            fused[lexical[rank]] = new(lexical[rank], Share(rank), rank, Cosine: null);
        for (var rank = 0; rank < semantic.Count; rank++)
        {
            var (entry, cosine) = semantic[rank];
            var before = fused.GetValueOrDefault(entry, new(entry, 0, LexicalRank: null, Cosine: null));
            fused[entry] = before with { Score = before.Score + Share(rank), Cosine = cosine };
        }

        return [.. fused.Values.OrderByDescending(entry => entry.Score).ThenBy(entry => entry.Entry)];
    }

    // Ranks count from 1 in the paper.
    private static double Share(int rank) => 1.0 / (K + rank + 1);
}
