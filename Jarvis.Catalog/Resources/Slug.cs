using System.Security.Cryptography;
using System.Text;

namespace Jarvis.Catalog.Resources;

/// <summary>Names as they may stand in a URL: lower-case ASCII letters, digits and single hyphens, at most 80 characters.</summary>
public static class Slug
{
    private const int MaxLength = 80;

    /// <summary>The slug of a name; empty when the name has no ASCII letter or digit.</summary>
    public static string Of(string name)
    {
        var slug = new StringBuilder(name.Length);
        foreach (var character in name)
        {
            if (char.IsAsciiLetterOrDigit(character))
                slug.Append(char.ToLowerInvariant(character));
            else if (slug.Length > 0 && slug[^1] != '-')
                slug.Append('-');
        }

        var text = slug.ToString().TrimEnd('-');
        return text.Length <= MaxLength ? text : $"{text[..(MaxLength - 7)].TrimEnd('-')}-{Hash(name)}";
    }

    /// <summary>Six hexadecimal digits that depend on <paramref name="text"/> only.</summary>
    public static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 3));
}
