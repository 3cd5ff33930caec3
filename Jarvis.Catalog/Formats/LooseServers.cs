using System.Buffers;
using System.Text;
using System.Text.RegularExpressions;
using YamlDotNet.Core;

namespace Jarvis.Catalog.Formats;

/// <summary>
/// Server definitions in a text that is not cleanly fenced YAML: nobody can say where they end, so that they are looked for in the whole of it. A definition
/// is left out up to <c>---</c> or the next line that stands for itself; in an example between code fences only its secrets are masked. What follows stays,
/// with what looks like a secret masked.
/// </summary>
public sealed partial class LooseServers
{
    public const string Key = "mcpServers";
    private const int MaxExample = 65_536;
    private static readonly SearchValues<char> Signs = SearchValues.Create(" \t-?[,\"'\uFEFF");
    private readonly string _text;
    private readonly int _bodyStart;
    private readonly List<(int Start, int End)> _lines = [];
    private readonly StringBuilder _shown;
    private readonly SecretMask _mask = new();
    private readonly HashSet<char> _unclosed = [];
    private int _body = -1;
    private int? _line;
    private bool _isBelow;

    private LooseServers(string text, int bodyStart)
    {
        (_text, _bodyStart, _shown) = (text, bodyStart, new(text.Length));
        var lines = new LineCursor(text);
        while (lines.Next())
            _lines.Add((lines.Start, lines.End));
    }

    /// <summary>The text without definitions, where its body begins in it, and the first line that differs, from 1; null when nothing has to be hidden.</summary>
    public static (string Text, int Body, int Line)? Hide(string text, int bodyStart)
    {
        if (!text.Contains(Key, StringComparison.OrdinalIgnoreCase))
            return null;
        var reading = new LooseServers(text, bodyStart);
        reading.Read();
        return reading._line is { } line ? (reading._shown.ToString(), reading._body, line) : null;
    }

    private ReadOnlySpan<char> Line(int at) => _text.AsSpan(_lines[at].Start, _lines[at].End - _lines[at].Start);

    private bool IsFront(int at) => _lines[at].Start < _bodyStart;

    private void Read()
    {
        for (var at = 0; at < _lines.Count;)
        {
            if (_body < 0 && !IsFront(at))
                _body = _shown.Length;
            if (!IsFront(at) && FenceEnd(at) is { } end)
                at = Example(at, end);
            else if (KeyAt(at) is { } key)
                at = Definition(at, key);
            else
                Show(at++, prose: true);
        }

        if (_body < 0)
            _body = _shown.Length;
    }

    /// <summary>Where the key stands in the line, behind nothing but signs or in a mapping on one line; in the middle of a sentence it defines nothing.</summary>
    private (int Start, int End)? KeyAt(int at)
    {
        var line = Line(at).ToString();
        if (GivenKey().Match(line) is not { Success: true } match)
            return null;
        _isBelow = true;
        var head = line.AsSpan(0, match.Index);
        return IsFront(at) || head.Contains('{') || head.IndexOfAnyExcept(Signs) < 0 ? (match.Index, match.Index + match.Length) : null;
    }

    /// <summary>Leaves the definition out, or shows the names that are there instead.</summary>
    /// <returns>The line after it.</returns>
    private int Definition(int at, (int Start, int End) key)
    {
        var isDefined = Line(at)[key.End..].IndexOfAny(':', '{') >= 0;
        var end = at + 1;
        for (; end < _lines.Count && IsWithin(end); end++)
            isDefined |= Line(end).IndexOfAny(':', '{') >= 0;
        // Headings and blank lines at its end belong to what follows.
        while (end > at + 1 && !IsFront(end - 1) && (Line(end - 1).Trim().IsEmpty || Line(end - 1)[0] == '#'))
            end--;
        if (isDefined)
            LeaveOut(at, key);
        else
            ShowAll(at, end);
        return end;
    }

    private bool IsWithin(int at)
    {
        var line = Line(at).TrimEnd();
        if (line is "---" or "...")
            return false;
        return line.IsEmpty || line[0] is ' ' or '\t' or '#' or '{' or '}' or '[' or ']' or '"' or '\'' or ',' || line is "-" || line.StartsWith("- ")
            || (IsFront(at) && LineReader.KeyOf(line).IsEmpty);
    }

    private void LeaveOut(int at, (int Start, int End) key)
    {
        _line ??= at + 1;
        var head = Line(at)[..key.Start];
        // A mapping on one line has the rest of it, and what was before may be the start of the same.
        _shown.Append(head.Contains('{') ? "" : head.ToString()).Append(Key).Append(": \"").Append(SecretMask.Shown).Append("\"\n");
    }

    /// <summary>The line that closes the code which this line opens; null when it opens none or nothing closes it.</summary>
    private int? FenceEnd(int at)
    {
        var line = Line(at).Trim();
        if (!line.StartsWith("```") && !line.StartsWith("~~~"))
            return null;
        var fence = line[..3];
        // Looked for once: else many that nothing closes would cost the square of their number.
        if (_unclosed.Contains(fence[0]))
            return null;
        for (var end = at + 1; end < _lines.Count; end++)
        {
            if (Line(end).Trim() is var last && last.StartsWith(fence) && last.Trim(fence[0]).IsEmpty)
                return end;
        }

        _unclosed.Add(fence[0]);
        return null;
    }

    private int Example(int at, int end)
    {
        var code = _text[_lines[at].End.._lines[end].Start];
        var hasKey = GivenKey().IsMatch(code);
        Show(at, prose: true);
        _isBelow |= hasKey;
        if (!hasKey || Masked(code) is not { } masked)
        {
            ShowAll(at + 1, end, prose: !hasKey);
        }
        else
        {
            if (masked != code)
                _line ??= at + 2;
            _shown.Append(masked);
        }

        Show(end, prose: true);
        return end + 1;
    }

    /// <summary>An example with its secrets masked; null when it cannot be understood.</summary>
    private static string? Masked(string code)
    {
        if (code.Length > MaxExample)
            return null;
        var hidden = new List<string>();
        try
        {
            InlineServers.Masked("", YamlTree.Parse(code), "", hidden);
        }
        catch (YamlException)
        {
            return null;
        }

        foreach (var secret in hidden.Distinct(StringComparer.Ordinal).OrderByDescending(secret => secret.Length))
        {
            // Written with escapes or over several lines: it cannot be found to be masked.
            if (!code.Contains(secret, StringComparison.Ordinal))
                return $"{Key}: \"{SecretMask.Shown}\"\n";
            code = code.Replace(secret, SecretMask.Shown, StringComparison.Ordinal);
        }

        return code;
    }

    private void ShowAll(int from, int end, bool prose = true)
    {
        for (var at = from; at < end; at++)
        {
            if (_body < 0 && !IsFront(at))
                _body = _shown.Length;
            Show(at, prose);
        }
    }

    private void Show(int at, bool prose)
    {
        var line = Line(at);
        if (!_isBelow)
        {
            _shown.Append(line);
            return;
        }

        var written = line.TrimEnd("\r\n").ToString();
        var masked = _mask.Whole(written, prose);
        if (masked != written)
            _line ??= at + 1;
        _shown.Append(masked).Append(line[written.Length..]);
    }

    [GeneratedRegex(@"\bmcpServers[""'`]?\s*:|^\s*\?\s+[""']?mcpServers\b", RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex GivenKey();
}
