namespace Jarvis.Catalog.Search;

/// <summary>Numbers of terms, to tell quickly that a term is none of them: its bit is shared with others, so a find is to be looked at.</summary>
internal sealed class PrefixTerms
{
    private const int Bits = 1 << 14;
    private readonly ulong[] _set = new ulong[Bits / 64];

    public void Add(int number) => _set[(number & (Bits - 1)) >> 6] |= 1UL << (number & 63);

    public bool MayHave(int number) => (_set[(number & (Bits - 1)) >> 6] & (1UL << (number & 63))) != 0;
}
