using System.Runtime.InteropServices;
using System.Text.Json;

namespace Jarvis.Catalog.Formats;

/// <summary>A file's JSON, and on which line of the file each of its values stands.</summary>
/// <param name="document">Parsed from <paramref name="utf8"/> itself, not from a copy: a value's place in it is its place in the file.</param>
/// <param name="utf8">The file's text.</param>
public sealed class JsonFile(JsonDocument document, byte[] utf8) : IDisposable
{
    private List<int>? _lineEnds;

    public JsonDocument Document => document;

    public JsonElement Root => document.RootElement;

    /// <summary>The line on which the value begins, from 1.</summary>
    public int? LineOf(JsonElement value) => LineAt(JsonMarshal.GetRawUtf8Value(value));

    /// <summary>The line of the property's name, from 1.</summary>
    public int? LineOf(JsonProperty property) => LineAt(JsonMarshal.GetRawUtf8PropertyName(property)) ?? LineOf(property.Value);

    public void Dispose() => document.Dispose();

    private int? LineAt(ReadOnlySpan<byte> part)
    {
        if (!utf8.AsSpan().Overlaps(part, out var offset))
            return null;
        var ends = _lineEnds ??= LineEnds();
        var before = ends.BinarySearch(offset);
        return (before < 0 ? ~before : before) + 1;
    }

    private List<int> LineEnds()
    {
        var ends = new List<int>();
        for (var at = 0; utf8.AsSpan(at).IndexOf((byte)'\n') is var next and >= 0; at += next + 1)
            ends.Add(at + next);
        return ends;
    }
}
