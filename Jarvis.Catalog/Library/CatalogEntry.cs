using System.Security.Cryptography;
using System.Text.Json;
using Jarvis.Catalog.Formats;
using Jarvis.Catalog.Resources;
using Jarvis.ServiceDefaults.Envelopes;

namespace Jarvis.Catalog.Library;

/// <summary>A resource as it is served.</summary>
/// <param name="Resource">The record.</param>
/// <param name="Json">The record as JSON, ready to stand in an answer.</param>
/// <param name="Content">The text.</param>
/// <param name="Hash">Of the record and the text, but not of when the file was written: a copy of a library is the same library.</param>
public sealed record CatalogEntry(Resource Resource, ReadOnlyMemory<byte> Json, ResourceContent Content, string Hash)
{
    public static CatalogEntry Of(Resource resource, ResourceContent content)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes<object>(resource, JsonRules.Options);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(JsonSerializer.SerializeToUtf8Bytes<object>(resource with { UpdatedAt = default }, JsonRules.Options));
        hash.AppendData(System.Text.Encoding.ASCII.GetBytes(content.Hash));
        return new(resource, json, content, Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 8)));
    }
}
