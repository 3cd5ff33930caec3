namespace Jarvis.Catalog.Search;

/// <summary>
/// Case and diacritics folded, so that <c>Café</c> is <c>cafe</c>. By tables: under invariant globalization <see cref="string.Normalize()"/>
/// leaves text as it is. Each character gives one, so that positions stay; ß, æ, œ and þ give their first letter's sound.
/// </summary>
public static class Folding
{
    // U+00C0 to U+017F and U+1E00 to U+1EFF in lower case without their marks (Unicode's canonical decomposition).
    private const string Latin =
        "aaaaaaaceeeeiiiidnooooo×ouuuuypsaaaaaaaceeeeiiiidnooooo÷ouuuuypyaaaaaaccccccccddddeeeeeeeeeegggg" +
        "gggghhhhiiiiiiiiiiĳĳjjkkkllllllŀŀllnnnnnnŉnnoooooooorrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs";

    private const string LatinAdditional =
        "aabbbbbbccddddddddddeeeeeeeeeeffgghhhhhhhhhhiiiikkkkkkllllllllmmmmmmnnnnnnnnoooooooopppprrrrrrrr" +
        "ssssssssssttttttttuuuuuuuuuuvvvvwwwwwwwwwwxxxxyyzzzzzzhtwyẚsẜẝsẟaaaaaaaaaaaaaaaaaaaaaaaaeeeeeeee" +
        "eeeeeeeeiiiioooooooooooooooooooooooouuuuuuuuuuuuuuyyyyyyyyỻỻỽỽỿỿ";

    public static char Of(char character) => character switch
    {
        < '\u0080' => char.ToLowerInvariant(character),
        < '\u00C0' => character,
        < '\u0180' => Latin[character - 0xC0],
        >= '\u1E00' and < '\u1F00' => LatinAdditional[character - 0x1E00],
        >= '\uFF01' and <= '\uFF5E' => char.ToLowerInvariant((char)(character - 0xFEE0)),
        >= '\u0370' and < '\u0460' => Other(char.ToLowerInvariant(character)),
        _ => char.ToLowerInvariant(character),
    };

    /// <summary>A mark that stands after its letter in decomposed text: it is no part of the folded word.</summary>
    public static bool IsMark(char character) => character is >= '\u0300' and <= '\u036F';

    private static char Other(char lower) => lower switch
    {
        'ά' => 'α',
        'έ' => 'ε',
        'ή' => 'η',
        'ί' or 'ϊ' or 'ΐ' => 'ι',
        'ό' => 'ο',
        'ύ' or 'ϋ' or 'ΰ' => 'υ',
        'ώ' => 'ω',
        'ς' => 'σ',
        'ё' => 'е',
        _ => lower,
    };
}
