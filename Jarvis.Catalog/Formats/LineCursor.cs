namespace Jarvis.Catalog.Formats;

/// <summary>Goes through a text line by line, whatever its line ends are, and knows where each one lies.</summary>
public ref struct LineCursor(string text, int position = 0)
{
    public int Start { get; private set; } = position;

    /// <summary>After the line's end.</summary>
    public int End { get; private set; } = position;

    public ReadOnlySpan<char> Line { get; private set; }

    public bool Next()
    {
        if (End >= text.Length)
            return false;
        Start = End;
        var length = text.AsSpan(Start).IndexOfAny('\r', '\n');
        if (length < 0)
        {
            Line = text.AsSpan(Start);
            End = text.Length;
            return true;
        }

        Line = text.AsSpan(Start, length);
        End = Start + length + (text[Start + length] == '\r' && Start + length + 1 < text.Length && text[Start + length + 1] == '\n' ? 2 : 1);
        return true;
    }
}
