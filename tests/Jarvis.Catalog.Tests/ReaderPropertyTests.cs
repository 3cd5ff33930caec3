using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Jarvis.Catalog.Formats;
using Jarvis.Catalog.Library;
using Jarvis.Catalog.Resources;
using Jarvis.Catalog.Search;
using Jarvis.ServiceDefaults.Envelopes;

namespace Jarvis.Catalog.Tests;

/// <summary>Whatever a file holds, it is read: no exception, no text that hangs, nothing that cannot be sent.</summary>
public sealed class ReaderPropertyTests
{
    private const int Cases = 10_000;
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);
    private static readonly string[] Roles = ["agents/a.md", "commands/a.md", "skills/a/SKILL.md", "a.md"];

    private static readonly Gen<string> Text = Gen.OneOf(
        Gen.Elements(
            "---\n", "---", "...\n", "name: ", "description: ", "tools:", "mcpServers:", "hooks:", "maxTurns: ", "metadata:\n", "argument-hint: ", "- ", "  ", "\n", "\r\n", "\r", "\t",
            ": ", ":", "[", "]", "{", "}", ", ", "&a ", "*a", "<<: *a", "!!str ", "!", "%TAG ! x\n", "%YAML 9.9\n", "? ", "| ", ">-\n", "|9\n", "\"", "'", "\\uD800", "\\UFFFFFFFF", "\\x", "#", "@", "`",
            "$ARGUMENTS", "$1", "!`ls`", "@a/b.c", "env: {TOKEN: s3cretValue9}", "\0", "\uFEFF", "é", "工", "😀", "\u2028", "\u0085", "true", "-1", "~", "0x", "x"),
        ArbMap.Default.GeneratorFor<string>().Select(text => text ?? ""));

    private static readonly Arbitrary<string> Texts = Gen.Frequency(
        (3, Text.ListOf().Select(parts => $"---\n{string.Concat(parts)}\n---\nBody")), (1, Text.ListOf().Select(string.Concat))).ToArbitrary();

    private static readonly Gen<byte[]> Bytes = Texts.Generator.SelectMany(text => Gen.Frequency(
        (4, Gen.Elements<Encoding>(Encoding.UTF8, Encoding.Unicode, Encoding.BigEndianUnicode, Encoding.Latin1).Select(encoding => encoding.GetBytes(text))),
        (1, ArbMap.Default.GeneratorFor<byte[]>().Select(bytes => bytes ?? []))));

    private static readonly Arbitrary<(byte[] Bytes, int Role)> Files = Bytes
        .SelectMany(bytes => Gen.Choose(0, Roles.Length - 1).Select(role => (bytes, role))).ToArbitrary();

    [Fact]
    public void FrontMatter_AnyText_IsReadAndNothingIsLost() => Prop.ForAll(Texts, text =>
    {
        var matter = FrontMatter.Read(text);
        foreach (var key in matter.Values.Keys)
        {
            matter.Text(key);
            matter.List(key);
            matter.Written(key);
            Assert.InRange(matter.LineOf(key) ?? 1, 1, text.Length + 2);
        }

        Assert.EndsWith(matter.Body, text, StringComparison.Ordinal);
        Assert.Contains(matter.Source, text, StringComparison.Ordinal);
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(Cases));

    [Fact]
    public void LineReader_AnyText_GivesTextsAndListsOnly() => Prop.ForAll(Texts, text =>
        LineReader.Read(text).Values.All(value => value is string or List<object?>)).Check(Config.QuickThrowOnFailure.WithMaxTest(Cases));

    [Fact]
    public void FileReader_AnyBytes_GivesWhatCanBeSent()
    {
        using var library = new TempLibrary();
        var source = library.Scanner.Sources[0];
        var reader = new FileReader(new LibraryOptions(), new TermTable());
        Prop.ForAll(Files, file =>
        {
            var entry = new FileEntry(Roles[file.Role], new(file.Bytes.Length, DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch));
            var classified = new Classifier(source, new(SourceState.Ready, [entry], [])).Of(entry.Path);
            var parsed = reader.Read(source, entry, classified, file.Bytes);
            foreach (var item in parsed.Resources)
            {
                Assert.NotEmpty(Resource(item.Resource));
                Assert.DoesNotContain("s3cretValue9", item.Resource is Agent agent ? string.Concat(agent.McpServers) : "", StringComparison.Ordinal);
            }

            Assert.All(parsed.Diagnostics, diagnostic => Assert.NotEmpty(diagnostic.Reason + diagnostic.Fix));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(Cases));
    }

    private static string Resource(Resource resource) => JsonSerializer.Serialize<object>(resource, JsonRules.Options);

    public static TheoryData<string, string> Hostile => new()
    {
        { "brackets", $"---\na: {new string('[', 60_000)}\n---\n" },
        { "braces", $"---\na: {Many("{a: ", 15_000)}\n---\n" },
        { "questions", $"---\n{Many("? ", 30_000)}\n---\n" },
        { "dashes", $"---\n{Many("- ", 30_000)}\n---\n" },
        { "quotes", $"---\na: {new string('"', 60_000)}\n---\n" },
        { "anchors", $"---\n{Many("&a ", 20_000)}\n---\n" },
        { "tags", $"---\n{new string('!', 60_000)}\n---\n" },
        { "comments", $"---\n{Many("#\n", 30_000)}\n---\n" },
        { "blank lines", $"---\na: |\n{new string('\n', 60_000)}\n---\n" },
        { "one long plain text", $"---\na: {new string('x', 60_000)} :\n---\n" },
        { "a list below a key that is not YAML", $"---\nbad: a: b\nk:\n{Many("- i\n", 15_000)}---\n" },
        { "a text below a key that is not YAML", $"---\nbad: a: b\nk:\n{Many(" t\n", 20_000)}---\n" },
        { "keys", $"---\nbad: a: b\n{string.Concat(Enumerable.Range(0, 6_000).Select(i => $"k{i}: v\n"))}---\n" },
        { "flow list of texts", $"---\na: [{Many("x, ", 20_000)}]\n---\n" },
        { "never closed", $"---\n{Many("k: v\n", 200_000)}" },
        { "placeholders", $"---\nname: a\n---\n{Many("!`", 150_000)}{Many("@a", 150_000)}{Many("$", 100_000)}{Many("@a/", 100_000)}" },
        { "one line", new string('a', 1_000_000) },
        { "code that nothing closes", $"\nmcpServers:\n{Many("```a\n", 100_000)}" },
        { "servers without a definition", $"\n{Many(" ? mcpServers\n", 50_000)}" },
        { "servers", $"\n{Many("mcpServers:\n- a: b\n\n# x\n", 30_000)}" },
        { "secrets", $"---\nmcpServers:\n  a:\n    env:\n{string.Concat(Enumerable.Range(0, 2_000).Select(i => $"      K{i}: S3cret-{i}\n"))}---\n{new string('b', 900_000)}" },
    };

    [Theory]
    [MemberData(nameof(Hostile))]
    public async Task FileReader_HostileText_IsReadInTime(string what, string text)
    {
        using var library = new TempLibrary();
        var entry = new FileEntry("commands/a.md", new(text.Length, DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch));
        var classified = new Classified(FileRole.Command, [], Kind: ResourceKind.Command);
        // On a thread of its own, since nothing could stop it.
        var parsed = await Task.Run(() => new FileReader(new LibraryOptions(), new TermTable()).Read(library.Scanner.Sources[0], entry, classified, Encoding.UTF8.GetBytes(text))).WaitAsync(Bound);
        Assert.True(parsed.Resources.Count == 1, what);
    }

    private static string Many(string text, int times) => new StringBuilder(text.Length * times).Insert(0, text, times).ToString();
}
