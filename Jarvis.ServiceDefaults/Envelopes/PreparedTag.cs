using Microsoft.Extensions.Primitives;

namespace Jarvis.ServiceDefaults.Envelopes;

/// <summary>The strong entity tags of one prepared body: <c>"v"</c>, <c>"v-gz"</c>, <c>"v-br"</c>, since each coding is a representation of its own (RFC 9110, 8.8.3.3).</summary>
internal sealed class PreparedTag
{
    private readonly string _identity;
    private readonly string _gzip;
    private readonly string _brotli;

    public PreparedTag(string value)
    {
        // Visible ASCII without quotes (RFC 9110, 8.8.3); no comma, so that a list of tags can be cut at its commas.
        if (value.Length == 0 || value.AsSpan().ContainsAnyExceptInRange('!', '~') || value.AsSpan().ContainsAny('"', ','))
            throw new ArgumentException($"'{value}' cannot be an entity tag.", nameof(value));
        Value = value;
        _identity = $"\"{value}\"";
        _gzip = $"\"{value}-gz\"";
        _brotli = $"\"{value}-br\"";
    }

    public string Value { get; }

    public string Of(PreparedCoding coding) => coding switch
    {
        PreparedCoding.Gzip => _gzip,
        PreparedCoding.Brotli => _brotli,
        _ => _identity,
    };

    /// <summary>The tag in <c>If-None-Match</c> that is one of these, whatever the coding: the client's copy is good, and the 304 has to name that very copy.</summary>
    /// <param name="selected">What <c>*</c> stands for.</param>
    public string? Known(StringValues ifNoneMatch, PreparedCoding selected)
    {
        for (var i = 0; i < ifNoneMatch.Count; i++)
        {
            var header = ifNoneMatch[i].AsSpan();
            foreach (var range in header.Split(','))
            {
                var tag = header[range].Trim();
                if (tag is "*")
                    return Of(selected);
                if (tag.StartsWith("W/"))
                    tag = tag[2..];
                if (tag.SequenceEqual(_identity))
                    return _identity;
                if (tag.SequenceEqual(_gzip))
                    return _gzip;
                if (tag.SequenceEqual(_brotli))
                    return _brotli;
            }
        }
        return null;
    }
}
