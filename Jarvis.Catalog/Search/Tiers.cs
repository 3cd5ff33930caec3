namespace Jarvis.Catalog.Search;

/// <summary>Misspelt never comes before well spelt: all words as they stand, then some, then none.</summary>
internal static class Tiers
{
    /// <summary>Brings a lower tier's scores below the least of the tier above; a tier is whole, so its order stays.</summary>
    public static void Separate(SearchScratch scratch, ReadOnlySpan<int> hits, int known)
    {
        Span<(float Least, float Most)> tiers = [(float.MaxValue, 0), (float.MaxValue, 0), (float.MaxValue, 0)];
        foreach (var entry in hits)
        {
            ref var tier = ref tiers[Of(scratch.Words[entry], known)];
            tier = (Math.Min(tier.Least, scratch.Score[entry]), Math.Max(tier.Most, scratch.Score[entry]));
        }

        Span<float> scale = [1, 1, 1];
        for (var tier = 1; tier >= 0; tier--)
        {
            var floor = float.MaxValue;
            for (var above = tier + 1; above <= 2; above++)
                floor = Math.Min(floor, tiers[above].Least * scale[above]);
            if (tiers[tier].Most >= floor)
                scale[tier] = floor * 0.99f / tiers[tier].Most;
        }

        foreach (var entry in hits)
            scratch.Score[entry] *= scale[Of(scratch.Words[entry], known)];
    }

    private static int Of(int words, int known)
    {
        var exact = words % SearchScratch.Rival;
        return exact == known ? 2 : exact > 0 ? 1 : 0;
    }
}
