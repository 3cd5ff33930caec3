namespace Jarvis.Catalog.Search;

/// <summary>The documents of a term in one segment, and what each posting says; see <see cref="DocumentTerms.Impacts"/>.</summary>
internal readonly ref struct Postings(ReadOnlySpan<int> documents, ReadOnlySpan<ushort> impacts)
{
    public ReadOnlySpan<int> Documents { get; } = documents;

    public ReadOnlySpan<ushort> Impacts { get; } = impacts;
}
