using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Jarvis.Catalog.Library;
using Jarvis.ServiceDefaults.Caching;
using Jarvis.ServiceDefaults.Envelopes;
using Jarvis.ServiceDefaults.Lists;
using Microsoft.Extensions.Options;

namespace Jarvis.Catalog.Resources;

/// <summary>
/// The answers about resources as bytes. They are put together from the records' own JSON, which a snapshot has ready, when first asked for, and kept
/// with their compressed forms as long as there is room. Their keys name what they were made from, so that a new snapshot makes new ones.
/// </summary>
public sealed class ResourceBodies(IOptions<BodiesOptions> options, TimeProvider time)
{
    /// <summary>As <c>cache/stats</c> has it.</summary>
    public const string CacheName = "answers";

    private const string ContentVary = "Accept";

    public ByteLru<PreparedBody> Cache { get; } = new(new(CacheName, options.Value.MaxBytes) { MaxEntries = options.Value.MaxEntries }, time);

    /// <summary>A page of a list. Its tag depends on what stands on it, so that a change elsewhere leaves a client's copy good.</summary>
    public PreparedBody Page(CatalogSnapshot snapshot, ResourceKind kind, string sort, string? category, ListQuery query) =>
        Kept($"page/{snapshot.Shown}/{kind}/{sort}/{query.Limit}/{query.Offset}/{category}", () =>
        {
            var (items, total) = snapshot[kind].Page(sort, category, query.Offset, query.Limit);
            var json = new ArrayBufferWriter<byte>(items.Sum(item => item.Json.Length + 1) + 160);
            json.Write("{\""u8);
            json.Write(Encoding.ASCII.GetBytes(kind.Plural()));
            json.Write("\":["u8);
            Join(json, items, (_, _) => { });
            json.Write("],\"pagination\":"u8);
            json.Write(JsonSerializer.SerializeToUtf8Bytes(Pagination.Of(query, total), JsonRules.Options));
            json.Write("}"u8);
            return PreparedBody.OfJson(json.WrittenSpan, TagOf(items, total));
        });

    /// <summary>One resource.</summary>
    public PreparedBody One(CatalogEntry entry) => Kept($"one/{KeyOf(entry)}", () => PreparedBody.OfJson(entry.Json.Span, entry.Hash));

    /// <summary>A resource's text in the envelope.</summary>
    public PreparedBody Content(CatalogEntry entry) => Kept($"content/{KeyOf(entry)}", () =>
    {
        var (resource, content) = (entry.Resource, entry.Content);
        return PreparedBody.Of(
            new ContentAnswer(resource.Id, Encoding.UTF8.GetString(content.Utf8), content.MediaType, content.Encoding, resource.SizeBytes, resource.UpdatedAt), $"{entry.Hash}-json", vary: ContentVary);
    });

    /// <summary>A resource's text as it is.</summary>
    public PreparedBody Raw(CatalogEntry entry) => Kept($"raw/{entry.Hash}", () =>
        PreparedBody.Whole(entry.Content.Utf8, $"{entry.Content.MediaType}; charset=utf-8", $"{entry.Hash}-raw", ContentVary));

    /// <summary>Version 1's list: an object keyed by name beside its count. Of several of one name the others are keyed by their ids.</summary>
    public PreparedBody Legacy(CatalogSnapshot snapshot, ResourceKind kind, int offset, int limit) => Kept($"v1/{snapshot.Shown}/{kind}/{limit}/{offset}", () =>
    {
        var (items, total) = snapshot[kind].Page("name", null, offset, limit);
        var json = new ArrayBufferWriter<byte>(items.Sum(item => item.Json.Length + 64) + 160);
        json.Write("\""u8);
        json.Write(Encoding.ASCII.GetBytes(kind.Plural()));
        json.Write("\":{"u8);
        // The one that the plain name finds has the name for its key.
        Join(json, items, (writer, item) =>
        {
            var isFirst = ReferenceEquals(snapshot[kind].Find(item.Resource.Name), item);
            writer.Write(JsonSerializer.SerializeToUtf8Bytes(isFirst ? item.Resource.Name : item.Resource.Id, JsonRules.Options));
            writer.Write(":"u8);
        });
        json.Write(Encoding.ASCII.GetBytes($"}},\"count\":{total}"));
        return PreparedBody.OfMembers(json.WrittenSpan, TagOf(items, total));
    });

    private static void Join(ArrayBufferWriter<byte> json, IReadOnlyList<CatalogEntry> items, Action<ArrayBufferWriter<byte>, CatalogEntry> key)
    {
        for (var i = 0; i < items.Count; i++)
        {
            if (i > 0)
                json.Write(","u8);
            key(json, items[i]);
            json.Write(items[i].Json.Span);
        }
    }

    // What is kept shows times, which no tag depends on.
    private static string KeyOf(CatalogEntry entry) => $"{entry.Hash}/{entry.Resource.UpdatedAt.UtcTicks}";

    private static string TagOf(IReadOnlyList<CatalogEntry> items, int total)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var item in items)
            hash.AppendData(Encoding.ASCII.GetBytes(item.Hash));
        return $"{Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 8))}-{total}";
    }

    private PreparedBody Kept(string key, Func<PreparedBody> make)
    {
        if (Cache.TryGet(key, out var body))
            return body;
        var generation = Cache.Generation;
        body = make();
        Cache.Put(key, body, body.MemoryBytes, generation);
        return body;
    }
}
