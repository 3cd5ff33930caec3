using System.Globalization;
using System.Text;

namespace Jarvis.Catalog.Search;

/// <summary>What a <see cref="TokenReader"/> gives beside the words themselves.</summary>
[Flags]
public enum TokenForms
{
    /// <summary>As a query is read: words only, a run of CJK as its pairs.</summary>
    Words = 0,

    /// <summary>The parts of words in camel case (<c>OpenAi</c>: openai, open, ai), and CJK as single characters too.</summary>
    Parts = 1,

    /// <summary>Kebab and snake case joined too (<c>code-reviewer</c>: code, reviewer, codereviewer).</summary>
    Joined = 2,
}

/// <summary>
/// Reads words: runs of letters, digits and marks, folded by <see cref="Folding"/>. Scripts that are written without spaces (CJK) give overlapping pairs.
/// Allocates nothing; the token is overwritten by the next <see cref="Read"/>.
/// </summary>
public ref struct TokenReader
{
    public const int MaxTokenLength = 64;
    private readonly ReadOnlySpan<char> _text;
    private readonly Span<char> _buffer;
    private readonly TokenForms _forms;
    private int _at;
    private int _partFrom = -1;
    private int _wordEnd;
    private int _chainStart = -1;
    private int _chainWords;
    private bool _joinPending;
    private int _pairAt = -1;
    private int _length;

    /// <summary>Begins before the first word.</summary>
    /// <param name="text">What to read.</param>
    /// <param name="buffer">At least <see cref="MaxTokenLength"/> characters that live as long as the reader.</param>
    /// <param name="forms">What to give beside the words.</param>
    public TokenReader(ReadOnlySpan<char> text, Span<char> buffer, TokenForms forms)
    {
        _text = text;
        _buffer = buffer;
        _forms = forms;
    }

    /// <summary>The token, folded; cut after <see cref="MaxTokenLength"/> characters.</summary>
    public readonly ReadOnlySpan<char> Token => _buffer[.._length];

    /// <summary>Where it stands in the text.</summary>
    public int Start { get; private set; }

    /// <summary>How long it is there.</summary>
    public int Length { get; private set; }

    /// <summary>Whether the word has humps, so that its parts can be read.</summary>
    public bool HasParts { get; private set; }

    public bool Read()
    {
        if (_partFrom >= 0)
            return ReadPart();
        if (_pairAt >= 0)
            return ReadPair();
        if (_joinPending)
            return ReadJoined();
        while (_at < _text.Length)
        {
            var unit = Unit(_at);
            if (unit == 0)
            {
                _at++;
                continue;
            }

            if (IsCjk(_text, _at))
                return ReadCjk(unit);
            ReadWord();
            return true;
        }

        return false;
    }

    public static bool IsWordCharacter(char character) => character < 128
        ? char.IsAsciiLetterOrDigit(character)
        : char.IsLetterOrDigit(character) || char.IsSurrogate(character) || CharUnicodeInfo.GetUnicodeCategory(character) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark;

    /// <summary>Whether the character may be of a script that gives pairs.</summary>
    public static bool IsWithoutSpaces(char character) => char.IsSurrogate(character) || IsCjk([character], 0);

    private void ReadWord()
    {
        var start = _at;
        var (count, humps, i) = (0, false, start);
        while (i < _text.Length)
        {
            var character = _text[i];
            if (character < 128)
            {
                if (!char.IsAsciiLetterOrDigit(character))
                    break;
                humps |= char.IsAsciiLetterUpper(character) && i > start && IsHump(i);
                if (count < MaxTokenLength - 2)
                    _buffer[count++] = char.IsAsciiLetterUpper(character) ? (char)(character | 0x20) : character;
                i++;
                continue;
            }

            var unit = i == start ? Unit(i) : Continues(i);
            if (unit == 0 || IsCjk(_text, i))
                break;
            humps |= i > start && IsHump(i);
            Append(i, unit, ref count);
            i += unit;
        }

        // C#, F#, J#, Q# and C++ are names of their own.
        if (i == start + 1 && i < _text.Length && EndsInSign(start, i) is var sign and > 0)
        {
            for (; sign > 0; sign--, i++)
                _buffer[count++] = _text[i];
        }

        (_length, Start, Length, HasParts, _at, _wordEnd) = (count, start, i - start, humps, i, i);
        if (i + 1 < _text.Length && _text[i] is '\'' or '\u2019' && _text[i + 1] is 's' or 'S' && (i + 2 == _text.Length || !IsWordCharacter(_text[i + 2])))
            _at = i + 2;
        if (humps && _forms.HasFlag(TokenForms.Parts))
            _partFrom = start;
        if (_forms.HasFlag(TokenForms.Joined))
            Chain(start, i);
    }

    private void Chain(int start, int end)
    {
        if (_chainStart < 0)
            (_chainStart, _chainWords) = (start, 0);
        _chainWords++;
        if (end + 1 < _text.Length && _text[end] is '-' or '_' && Unit(end + 1) > 0 && !IsCjk(_text, end + 1))
            return;
        _joinPending = _chainWords > 1;
        if (!_joinPending)
            _chainStart = -1;
    }

    private bool ReadPart()
    {
        var from = _partFrom;
        var to = from + 1;
        while (to < _wordEnd && !IsHump(to))
            to++;
        _partFrom = to < _wordEnd ? to : -1;
        Emit(from, to);
        HasParts = false;
        return true;
    }

    private bool ReadJoined()
    {
        var (start, end) = (_chainStart, _wordEnd);
        (_joinPending, _chainStart, HasParts) = (false, -1, false);
        Emit(start, end);
        return true;
    }

    private bool ReadCjk(int unit)
    {
        var next = _at + unit;
        var hasNext = next < _text.Length && Unit(next) > 0 && IsCjk(_text, next);
        var before = _at - (_at > 1 && char.IsLowSurrogate(_text[_at - 1]) ? 2 : 1);
        var alone = !hasNext && (before < 0 || Unit(before) == 0 || !IsCjk(_text, before));
        var start = _at;
        _at = next;
        HasParts = false;
        if (_forms == TokenForms.Words && !alone)
        {
            if (!hasNext)
                return Read();
            Emit(start, next + Unit(next));
            return true;
        }

        if (hasNext)
            _pairAt = start;
        Emit(start, next);
        return true;
    }

    private bool ReadPair()
    {
        var start = _pairAt;
        _pairAt = -1;
        Emit(start, _at + Unit(_at));
        return true;
    }

    private void Emit(int from, int to)
    {
        var count = 0;
        for (var i = from; i < to;)
        {
            var unit = Math.Max(1, Continues(i));
            if (_text[i] is not ('-' or '_'))
                Append(i, unit, ref count);
            i += unit;
        }

        (_length, Start, Length) = (count, from, to - from);
    }

    private readonly void Append(int i, int unit, ref int count)
    {
        if (count + unit > MaxTokenLength - 2 || Folding.IsMark(_text[i]))
            return;
        if (unit == 2)
        {
            (_buffer[count], _buffer[count + 1]) = (_text[i], _text[i + 1]);
            count += 2;
            return;
        }

        _buffer[count++] = Folding.Of(_text[i]);
    }

    /// <summary>How many UTF-16 units the letter or digit at <paramref name="i"/> has; 0 when there is none.</summary>
    private readonly int Unit(int i)
    {
        var character = _text[i];
        if (character < 128)
            return char.IsAsciiLetterOrDigit(character) ? 1 : 0;
        if (!char.IsSurrogate(character))
            return char.IsLetterOrDigit(character) ? 1 : 0;
        return Rune.DecodeFromUtf16(_text[i..], out var rune, out var units) == System.Buffers.OperationStatus.Done && Rune.IsLetterOrDigit(rune) ? units : 0;
    }

    private readonly int Continues(int i) =>
        Unit(i) is var unit and > 0 ? unit : _text[i] >= 128 && !char.IsSurrogate(_text[i]) && IsWordCharacter(_text[i]) ? 1 : 0;

    private readonly bool IsHump(int i)
    {
        var (character, before) = (_text[i], _text[i - 1]);
        if (!char.IsUpper(character))
            return false;
        return char.IsLower(before) || char.IsDigit(before)
            || (char.IsUpper(before) && i + 2 < _text.Length && char.IsLower(_text[i + 1]) && char.IsLower(_text[i + 2]));
    }

    private readonly int EndsInSign(int start, int end)
    {
        var letter = (char)(_text[start] | 0x20);
        if (_text[end] == '#' && letter is 'c' or 'f' or 'j' or 'q')
            return end + 1 < _text.Length && IsWordCharacter(_text[end + 1]) ? 0 : 1;
        return letter == 'c' && _text[end..].StartsWith("++") ? 2 : 0;
    }

    // Han, kana, Hangul, Thai, Lao, Khmer and Myanmar: words are not told apart by spaces (or, in Hangul, carry particles).
    private static bool IsCjk(ReadOnlySpan<char> text, int i) => text[i] switch
    {
        < '\u0E00' => false,
        <= '\u0EFF' or (>= '\u1000' and <= '\u109F') or (>= '\u1780' and <= '\u17FF') => true,
        >= '\u2E80' and <= '\u9FFF' or (>= '\uAC00' and <= '\uD7A3') or (>= '\uF900' and <= '\uFAFF') => true,
        >= '\uFF66' and <= '\uFFDC' => true,
        >= '\uD840' and <= '\uD8BF' => i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]),
        _ => false,
    };
}
