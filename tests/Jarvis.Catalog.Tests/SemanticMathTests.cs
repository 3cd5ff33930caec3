using FsCheck;
using FsCheck.Fluent;
using Jarvis.Catalog.Semantic;

namespace Jarvis.Catalog.Tests;

public sealed class SemanticMathTests
{
    private static readonly Config Cases = Config.QuickThrowOnFailure.WithMaxTest(300);

    [Fact]
    public void Dot_AnyVectors_IsTheSumOfProducts() => Prop.ForAll(
        Gen.Choose(0, 200).Two().ToArbitrary(),
        seeds =>
        {
            var (left, right) = (Vector(seeds.Item1, seeds.Item1), Vector(seeds.Item2, seeds.Item1));
            return Math.Abs(VectorMath.Dot(left, right) - Exact(left, right)) < 1e-4;
        }).Check(Cases);

    [Fact]
    public void Normalise_AnyVector_HasLengthOne() => Prop.ForAll(
        Gen.Choose(1, 300).ToArbitrary(),
        length =>
        {
            var vector = new float[length];
            VectorMath.Normalise(Vector(length, length), vector);
            return Math.Abs(Exact(vector, vector) - 1) < 1e-5;
        }).Check(Cases);

    [Fact]
    public void Nearest_AnyVectors_IsWhatBruteForceFinds() => Prop.ForAll(
        Gen.Choose(0, 60).SelectMany(entries => Gen.Choose(1, 40), (entries, dimensions) => (entries, dimensions))
            .SelectMany(_ => Gen.Choose(1, 30), (size, count) => (size.entries, size.dimensions, count))
            .SelectMany(_ => Gen.Choose(0, 10_000), (size, seed) => (size.entries, size.dimensions, size.count, seed)).ToArbitrary(),
        sample => IsExact(sample.entries, sample.dimensions, sample.count, sample.seed)).Check(Cases);

    [Fact]
    public void Nearest_OnSeveralThreads_IsWhatBruteForceFinds() => Assert.True(IsExact(entries: 3_000, dimensions: 4_000, count: 50, seed: 3));

    [Fact]
    public void Fuse_AnyLists_OrdersBySharesOfRanks() => Prop.ForAll(
        Gen.Choose(0, 30).ListOf().Two().ToArbitrary(),
        lists =>
        {
            int[] lexical = [.. lists.Item1.Distinct()];
            ScoredEntry[] semantic = [.. lists.Item2.Distinct().Select((entry, rank) => new ScoredEntry(entry, 1f / (rank + 1)))];
            var fused = RankFusion.Fuse(lexical, semantic);
            return fused.Select(entry => entry.Entry).Order().SequenceEqual(lexical.Union(semantic.Select(near => near.Entry)).Order())
                && fused.All(entry => Math.Abs(entry.Score - Share(Array.IndexOf(lexical, entry.Entry)) - Share(Array.FindIndex(semantic, near => near.Entry == entry.Entry))) < 1e-12)
                && fused.Zip(fused.Skip(1)).All(pair => pair.First.Score > pair.Second.Score || (pair.First.Score == pair.Second.Score && pair.First.Entry < pair.Second.Entry))
                && fused.All(entry => entry.LexicalRank is null == !lexical.Contains(entry.Entry) && entry.Cosine is null == semantic.All(near => near.Entry != entry.Entry));

            static double Share(int rank) => rank < 0 ? 0 : 1.0 / (61 + rank);
        }).Check(Cases);

    [Fact]
    public void Fuse_FoundByBoth_ComesBeforeTheFirstOfEither() =>
        Assert.Equal([2, 0, 1], RankFusion.Fuse([0, 2], [new(1, 0.9f), new(2, 0.8f)]).Select(entry => entry.Entry));

    [Fact]
    public void Keep_SomeVectors_LeavesTheirNumbersAlone()
    {
        var pool = new VectorPool(3);
        var hashes = Enumerable.Range(0, 100).Select(i => ContentHash.Of($"{i}")).ToArray();
        for (var i = 0; i < hashes.Length; i++)
            pool.Add(hashes[i], Vector(i, 3));
        var kept = pool.Keep([hashes[90], hashes[3], hashes[90]]);

        Assert.Equal((2, 0, 1, -1), (kept.Count, kept.Find(hashes[90]), kept.Find(hashes[3]), kept.Find(hashes[4])));
        Assert.Equal(pool.Blocks()[0][270..273], kept.Blocks()[0][..3], (left, right) => Math.Abs(left - right) < 1e-6);
    }

    [Fact]
    public void Read_OwnBytes_IsTheSameHash()
    {
        var hash = ContentHash.Of("text");
        Assert.Equal(hash, ContentHash.Read(hash.ToBytes()));
        Assert.NotEqual(hash, ContentHash.Of("Text"));
    }

    private static bool IsExact(int entries, int dimensions, int count, int seed)
    {
        var random = new Random(seed);
        // Some texts are equal, and some have no vector.
        var texts = Enumerable.Range(0, entries).Select(_ => random.Next(0, entries)).ToArray();
        var hashes = Array.ConvertAll(texts, text => ContentHash.Of($"{text}"));
        var vectors = texts.Distinct().Where(_ => random.Next(5) > 0).ToDictionary(text => text, text => Vector(text + seed, dimensions));
        var pool = new VectorPool(dimensions);
        foreach (var (text, vector) in vectors)
            pool.Add(ContentHash.Of($"{text}"), vector);
        var query = new float[dimensions];
        VectorMath.Normalise(Vector(seed, dimensions), query);

        var found = new SemanticView(null!, hashes, pool).Nearest(query, count, minScore: -0.2, entry => entry % 3 != 1);

        var brute = Enumerable.Range(0, entries).Where(entry => entry % 3 != 1 && vectors.ContainsKey(texts[entry]))
            .Select(entry => (Entry: entry, Cosine: Exact(query, vectors[texts[entry]]) / Math.Sqrt(Exact(vectors[texts[entry]], vectors[texts[entry]]))))
            .OrderByDescending(pair => pair.Cosine).ThenBy(pair => pair.Entry).ToList();
        // The cosines are floats: two that differ by less than their last digits may change places.
        var sure = brute.FindAll(pair => pair.Cosine >= -0.2 + 1e-5);
        return found.Count >= Math.Min(count, sure.Count)
            && found.Zip(brute).All(pair => Math.Abs(pair.First.Score - pair.Second.Cosine) < 1e-4)
            && found.All(near => Math.Abs(brute.First(pair => pair.Entry == near.Entry).Cosine - near.Score) < 1e-4)
            && found.Select(near => near.Entry).Distinct().Count() == found.Count;
    }

    private static float[] Vector(int seed, int length)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, length).Select(_ => (float)((random.NextDouble() * 2) - 1))];
    }

    private static double Exact(float[] left, float[] right) => left.Zip(right, (a, b) => (double)a * b).Sum();
}
