using System.Collections.Frozen;

namespace Jarvis.Gateway.Identity.Passwords;

/// <summary>
/// The bundled list of passwords of twelve characters and more that guessers try first (<c>common-passwords.txt</c>). Compared without case, with the usual
/// replacements of letters undone, and without a few digits and signs at the ends.
/// </summary>
internal sealed class CommonPasswords
{
    private const int MinCore = 8;
    private const int MaxEnds = 6;

    private readonly FrozenSet<string> _known;
    private readonly FrozenSet<string> _cores;

    public CommonPasswords()
    {
        using var stream = typeof(CommonPasswords).Assembly.GetManifestResourceStream("common-passwords.txt")
            ?? throw new InvalidOperationException("The list of common passwords is not in the build.");
        using var reader = new StreamReader(stream);
        var lines = reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Where(line => line[0] != '#').ToArray();
        Count = lines.Length;
        _known = lines.Select(Fold).ToFrozenSet(StringComparer.Ordinal);
        _cores = lines.Select(Core).Where(core => core.Length >= MinCore).ToFrozenSet(StringComparer.Ordinal);
    }

    public int Count { get; }

    public bool Contains(string password) =>
        _known.Contains(Fold(password))
            || (Core(password) is { Length: >= MinCore } core && password.Length - core.Length <= MaxEnds && _cores.Contains(core));

    /// <summary>Lower case; <c>P@$$w0rd</c> is <c>password</c>.</summary>
    public static string Fold(string text) => string.Create(text.Length, text, static (to, from) =>
    {
        // A password of digits only is what it says.
        var letters = from.Any(char.IsAsciiLetter);
        for (var i = 0; i < to.Length; i++)
            to[i] = letters ? Letter(char.ToLowerInvariant(from[i])) : from[i];
    });

    private static char Letter(char c) => c switch
    {
        '@' or '4' => 'a',
        '3' => 'e',
        '1' or '!' => 'i',
        '0' => 'o',
        '$' or '5' => 's',
        '7' => 't',
        _ => c,
    };

    private static string Core(string text)
    {
        var start = 0;
        var end = text.Length;
        while (start < end && !char.IsLetter(text[start]))
            start++;
        while (end > start && !char.IsLetter(text[end - 1]))
            end--;
        return Fold(text[start..end]);
    }
}
