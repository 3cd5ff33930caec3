namespace Jarvis.Catalog.Formats;

/// <summary>
/// Finds what a command fills in or runs before it is sent: <c>$ARGUMENTS</c>, <c>$ARGUMENTS[0]</c>, <c>$1</c>, <c>@file</c> and <c>!`command`</c>.
/// They are listed and never run. One pass over the text, so that no text can make it slow.
/// </summary>
public static class Placeholders
{
    private const int Most = 50;
    private const int LongestPath = 200;
    private const int LongestCommand = 200;
    private const string Arguments = "$ARGUMENTS";

    public static IReadOnlyList<string> In(string text)
    {
        List<string>? found = null;
        for (var i = text.AsSpan().IndexOfAny('$', '@', '!'); i >= 0 && i < text.Length && (found?.Count ?? 0) < Most;)
        {
            var length = LengthAt(text, i);
            if (length > 0)
            {
                var placeholder = text.Substring(i, length);
                found ??= [];
                if (!found.Contains(placeholder, StringComparer.Ordinal))
                    found.Add(placeholder);
            }

            var start = i + Math.Max(length, 1);
            var next = text.AsSpan(start).IndexOfAny('$', '@', '!');
            i = next < 0 ? -1 : start + next;
        }

        return found is null ? [] : [.. found];
    }

    private static int LengthAt(string text, int at)
    {
        var rest = text.AsSpan(at);
        var before = at == 0 ? ' ' : text[at - 1];
        return rest[0] switch
        {
            '$' => Variable(rest),
            '!' when !IsWord(before) && before != '`' => Command(rest),
            '@' when !IsWord(before) && before is not ('`' or '@') => File(rest),
            _ => 0,
        };
    }

    private static int Variable(ReadOnlySpan<char> rest)
    {
        if (rest.StartsWith(Arguments))
        {
            var after = rest[Arguments.Length..];
            if (after is ['[', >= '0' and <= '9', ']', ..])
                return Arguments.Length + 3;
            return after.IsEmpty || !IsWord(after[0]) ? Arguments.Length : 0;
        }

        // $1 and not $10: that is a price.
        return rest is [_, >= '0' and <= '9', ..] && (rest.Length == 2 || !IsWord(rest[2])) && rest[1] != '0' ? 2 : 0;
    }

    private static int Command(ReadOnlySpan<char> rest)
    {
        if (rest is not [_, '`', ..])
            return 0;
        var inside = rest[2..Math.Min(rest.Length, LongestCommand + 3)];
        var end = inside.IndexOfAny('`', '\r', '\n');
        return end > 0 && inside[end] == '`' ? end + 3 : 0;
    }

    // @path has a dot or a slash in it, so that decorators and people stay out, and ends in a word or a slash.
    private static int File(ReadOnlySpan<char> rest)
    {
        if (rest is [_, '$', >= '1' and <= '9', ..])
            return 3;
        var (end, isPath) = (1, false);
        for (; end < rest.Length && end <= LongestPath && (IsWord(rest[end]) || rest[end] is '.' or '/' or '-' or '~'); end++)
            isPath |= rest[end] is '.' or '/';
        while (end > 1 && !IsWord(rest[end - 1]) && rest[end - 1] != '/')
            end--;
        return isPath && rest[1..end].IndexOfAny('.', '/') >= 0 ? end : 0;
    }

    private static bool IsWord(char character) => char.IsLetterOrDigit(character) || character == '_';
}
