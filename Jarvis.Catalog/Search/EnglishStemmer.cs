namespace Jarvis.Catalog.Search;

/// <summary>
/// The English (Porter2) stemmer as snowballstem.org describes it: what inflected forms of a word have in common (reviews, reviewed, reviewing: review).
/// Words with other characters than a to z stay as they are.
/// </summary>
public static class EnglishStemmer
{
    private const string Vowels = "aeiouy";

    private static readonly Dictionary<string, string> Exceptions = new(StringComparer.Ordinal)
    {
        ["skis"] = "ski",
        ["skies"] = "sky",
        ["dying"] = "die",
        ["lying"] = "lie",
        ["tying"] = "tie",
        ["idly"] = "idl",
        ["gently"] = "gentl",
        ["ugly"] = "ugli",
        ["early"] = "earli",
        ["only"] = "onli",
        ["singly"] = "singl",
        ["sky"] = "sky",
        ["news"] = "news",
        ["howe"] = "howe",
        ["atlas"] = "atlas",
        ["cosmos"] = "cosmos",
        ["bias"] = "bias",
        ["andes"] = "andes",
        ["inning"] = "inning",
        ["outing"] = "outing",
        ["canning"] = "canning",
        ["herring"] = "herring",
        ["earring"] = "earring",
        ["proceed"] = "proceed",
        ["exceed"] = "exceed",
        ["succeed"] = "succeed",
    };

    // Longest first, as the algorithm asks.
    private static readonly (string Suffix, string By)[] Step2 =
    [
        ("ational", "ate"), ("fulness", "ful"), ("iveness", "ive"), ("ization", "ize"), ("ousness", "ous"), ("biliti", "ble"), ("lessli", "less"), ("tional", "tion"),
        ("alism", "al"), ("aliti", "al"), ("ation", "ate"), ("entli", "ent"), ("fulli", "ful"), ("iviti", "ive"), ("ousli", "ous"), ("abli", "able"), ("alli", "al"),
        ("anci", "ance"), ("ator", "ate"), ("enci", "ence"), ("izer", "ize"), ("bli", "ble"), ("ogi", "og"), ("li", ""),
    ];

    private static readonly (string Suffix, string By)[] Step3 =
    [
        ("ational", "ate"), ("tional", "tion"), ("alize", "al"), ("ative", ""), ("icate", "ic"), ("iciti", "ic"), ("ical", "ic"), ("ness", ""), ("ful", ""),
    ];

    private static readonly string[] Step4 =
        ["ement", "able", "ance", "ence", "ible", "ment", "ant", "ate", "ent", "ion", "ism", "iti", "ive", "ize", "ous", "al", "er", "ic"];

    public static string Stem(string word)
    {
        if (word.Length <= 2 || word.Length > TokenReader.MaxTokenLength || word.AsSpan().ContainsAnyExceptInRange('a', 'z'))
            return word;
        if (Exceptions.TryGetValue(word, out var exception))
            return exception;
        // Room for the one letter that a step may add.
        Span<char> buffer = stackalloc char[word.Length + 2];
        word.CopyTo(buffer);
        var stem = new Stemming(buffer, word.Length);
        stem.Run();
        return stem.Length == word.Length && stem.Text.SequenceEqual(word) ? word : stem.Text.ToString().Replace('Y', 'y');
    }

    private ref struct Stemming(Span<char> buffer, int length)
    {
        private readonly Span<char> _buffer = buffer;
        private int _r1;
        private int _r2;

        public int Length { get; private set; } = length;

        public readonly ReadOnlySpan<char> Text => _buffer[..Length];

        public void Run()
        {
            // A y that begins the word or follows a vowel is a consonant: Y.
            for (var i = 0; i < Length; i++)
            {
                if (_buffer[i] == 'y' && (i == 0 || IsVowel(i - 1)))
                    _buffer[i] = 'Y';
            }

            _r1 = Text.StartsWith("gener") || Text.StartsWith("arsen") ? 5 : Text.StartsWith("commun") ? 6 : Region(0);
            _r2 = Region(_r1);
            Plural();
            if (Text is "inning" or "outing" or "canning" or "herring" or "earring" or "proceed" or "exceed" or "succeed")
                return;
            PastAndGerund();
            if (Length > 2 && _buffer[Length - 1] is 'y' or 'Y' && Length > 2 && !IsVowel(Length - 2))
                _buffer[Length - 1] = 'i';
            Derivations();
            Endings();
            FinalLetter();
        }

        // Step 1a.
        private void Plural()
        {
            if (Text.EndsWith("sses"))
                Cut(2);
            else if (Text.EndsWith("ied") || Text.EndsWith("ies"))
                Cut(Length > 4 ? 2 : 1);
            else if (Text.EndsWith("s") && !Text.EndsWith("us") && !Text.EndsWith("ss") && HasVowel(Length - 2))
                Cut(1);
        }

        // Step 1b.
        private void PastAndGerund()
        {
            var eed = Text.EndsWith("eedly") ? 5 : Text.EndsWith("eed") ? 3 : 0;
            if (eed > 0)
            {
                if (Length - eed >= _r1)
                    Cut(eed - 2);
                return;
            }

            var suffix = Text.EndsWith("ingly") ? 5 : Text.EndsWith("edly") ? 4 : Text.EndsWith("ing") ? 3 : Text.EndsWith("ed") ? 2 : 0;
            if (suffix == 0 || !HasVowel(Length - suffix))
                return;
            Cut(suffix);
            if (Text.EndsWith("at") || Text.EndsWith("bl") || Text.EndsWith("iz") || IsShort())
                Add('e');
            else if (Length > 1 && _buffer[Length - 1] == _buffer[Length - 2] && "bdfgmnprt".Contains(_buffer[Length - 1], StringComparison.Ordinal))
                Cut(1);
        }

        private void Derivations()
        {
            foreach (var (suffix, by) in Step2)
            {
                if (!Text.EndsWith(suffix))
                    continue;
                if (Length - suffix.Length >= _r1 && suffix switch
                {
                    "ogi" => Before(3) == 'l',
                    "li" => "cdeghkmnrt".Contains(Before(2), StringComparison.Ordinal),
                    _ => true,
                })
                {
                    Replace(suffix.Length, by);
                }

                break;
            }

            foreach (var (suffix, by) in Step3)
            {
                if (!Text.EndsWith(suffix))
                    continue;
                if (Length - suffix.Length >= (suffix == "ative" ? _r2 : _r1))
                    Replace(suffix.Length, by);
                break;
            }
        }

        // Step 4.
        private void Endings()
        {
            foreach (var suffix in Step4)
            {
                if (!Text.EndsWith(suffix))
                    continue;
                if (Length - suffix.Length >= _r2 && (suffix != "ion" || Before(3) is 's' or 't'))
                    Cut(suffix.Length);
                break;
            }
        }

        // Step 5.
        private void FinalLetter()
        {
            if (Length == 0)
                return;
            if (_buffer[Length - 1] == 'e' && (Length - 1 >= _r2 || (Length - 1 >= _r1 && !EndsInShortSyllable(Length - 1))))
                Cut(1);
            else if (_buffer[Length - 1] == 'l' && Length - 1 >= _r2 && Length > 1 && _buffer[Length - 2] == 'l')
                Cut(1);
        }

        private readonly char Before(int suffix) => Length > suffix ? _buffer[Length - suffix - 1] : '\0';

        private readonly bool IsVowel(int i) => Vowels.Contains(_buffer[i], StringComparison.Ordinal);

        private readonly bool HasVowel(int before)
        {
            for (var i = 0; i < before; i++)
            {
                if (IsVowel(i))
                    return true;
            }

            return false;
        }

        // After the first consonant that follows a vowel.
        private readonly int Region(int from)
        {
            for (var i = from + 1; i < Length; i++)
            {
                if (!IsVowel(i) && IsVowel(i - 1))
                    return i + 1;
            }

            return Length;
        }

        private readonly bool IsShort() => _r1 >= Length && EndsInShortSyllable(Length);

        private readonly bool EndsInShortSyllable(int end) => end switch
        {
            2 => IsVowel(0) && !IsVowel(1),
            > 2 => !IsVowel(end - 3) && IsVowel(end - 2) && !IsVowel(end - 1) && _buffer[end - 1] is not ('w' or 'x' or 'Y'),
            _ => false,
        };

        private void Cut(int count) => Length -= count;

        private void Add(char letter) => _buffer[Length++] = letter;

        private void Replace(int suffix, string by)
        {
            Cut(suffix);
            by.CopyTo(_buffer[Length..]);
            Length += by.Length;
        }
    }
}
