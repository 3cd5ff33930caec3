using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Jarvis.Catalog.Authoring;

/// <summary>Texts as YAML scalars on one line, which every reader of YAML 1.1 or 1.2 takes for that text and nothing else.</summary>
public static partial class YamlScalar
{
    // Booleans and nulls of YAML 1.1; numbers and dates begin with what a plain scalar here never does.
    private static readonly HashSet<string> NotTexts = new(
        ["true", "false", "yes", "no", "on", "off", "y", "n", "null", "nan", "inf", "infinity"], StringComparer.OrdinalIgnoreCase);

    /// <summary>As it stands when nothing in it can be mistaken, else in double quotes with escapes.</summary>
    public static string Of(string text) => IsPlain(text) ? text : Quoted(text);

    private static bool IsPlain(string text) => Plain().IsMatch(text) && !NotTexts.Contains(text);

    private static string Quoted(string text)
    {
        var quoted = new StringBuilder(text.Length + 2).Append('"');
        foreach (var character in text)
        {
            _ = character switch
            {
                '"' or '\\' => quoted.Append('\\').Append(character),
                '\n' => quoted.Append("\\n"),
                '\t' => quoted.Append("\\t"),
                // Line ends to some readers (U+0085, U+2028, U+2029), a byte order mark, and what YAML does not print.
                _ when char.IsControl(character) || character is '\u2028' or '\u2029' or '\uFEFF' or '\uFFFE' or '\uFFFF' =>
                    quoted.Append("\\u").Append(((int)character).ToString("X4", CultureInfo.InvariantCulture)),
                _ => quoted.Append(character),
            };
        }

        return quoted.Append('"').ToString();
    }

    // A letter first; a colon only within a word; no indicator that means something anywhere but at the beginning.
    [GeneratedRegex(@"\A[A-Za-z](?:[A-Za-z0-9 ,.;()/_+*'!?-]|:(?=[A-Za-z0-9*/_]))*\z(?<! )", RegexOptions.None, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Plain();
}
