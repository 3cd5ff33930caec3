namespace Jarvis.Catalog.Semantic;

/// <summary>
/// Normalised vectors of one length, in blocks of about 1 MiB; each has a slot. Slots are only ever added, so that a view that was taken before
/// stays right. One writer at a time.
/// </summary>
public sealed class VectorPool
{
    private const int FloatsOfBlock = 262_144;

    private readonly Dictionary<ContentHash, int> _slots = [];
    private readonly List<float[]> _blocks = [];

    public VectorPool(int dimensions)
    {
        Dimensions = dimensions;
        RowsOfBlock = Math.Max(16, FloatsOfBlock / dimensions);
    }

    public int Dimensions { get; }

    public int RowsOfBlock { get; }

    public int Count => _slots.Count;

    public bool Add(ContentHash hash, ReadOnlySpan<float> vector)
    {
        var slot = _slots.Count;
        if (!_slots.TryAdd(hash, slot))
            return false;
        if (slot / RowsOfBlock == _blocks.Count)
            _blocks.Add(GC.AllocateUninitializedArray<float>(RowsOfBlock * Dimensions));
        VectorMath.Normalise(vector, Row(slot));
        return true;
    }

    /// <summary>Where the text's vector is; -1 when it has none.</summary>
    public int Find(ContentHash hash) => _slots.GetValueOrDefault(hash, -1);

    public float[][] Blocks() => [.. _blocks];

    /// <summary>A pool with only these, in their order.</summary>
    public VectorPool Keep(IEnumerable<ContentHash> hashes)
    {
        var kept = new VectorPool(Dimensions);
        foreach (var hash in hashes)
        {
            if (Find(hash) is >= 0 and var slot)
                kept.Add(hash, Row(slot));
        }

        return kept;
    }

    private Span<float> Row(int slot) => _blocks[slot / RowsOfBlock].AsSpan(slot % RowsOfBlock * Dimensions, Dimensions);
}
