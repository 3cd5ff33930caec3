using Jarvis.Catalog.Formats;
using Jarvis.Catalog.Resources;

namespace Jarvis.Catalog.Tests;

public sealed class CommandTests
{
    [Theory]
    [InlineData("Run $ARGUMENTS and $ARGUMENTS[1].", "$ARGUMENTS|$ARGUMENTS[1]")]
    [InlineData("$1, $2; $10 $0 $1x price$3", "$1|$2|$3")]
    [InlineData("See @docs/plan.md, @README.md. And @src/.", "@docs/plan.md|@README.md|@src/")]
    [InlineData("Mail me@example.com, @alice, `@a/b.c`, @@x/y", "")]
    [InlineData("Read @$1 and @~/notes.md", "@$1|@~/notes.md")]
    [InlineData("Status: !`git status`, not`!`x` and !`` or !`two\nlines`", "!`git status`")]
    [InlineData("$ARGUMENTS $ARGUMENTS", "$ARGUMENTS")]
    [InlineData("$ARGUMENTSX @ ! $", "")]
    [InlineData("@größe/datei.md", "@größe/datei.md")]
    public void In_Body_ListsWhatIsFilledIn(string body, string placeholders) => Assert.Equal(placeholders, string.Join('|', Placeholders.In(body)));

    [Theory]
    [InlineData("argument-hint: [issue-number]", "[issue-number]")]
    [InlineData("argument-hint: [a] | [b]", "[a] | [b]")]
    [InlineData("argument-hint: \"[a] [b]\"", "[a] [b]")]
    [InlineData("argument-hint: <file> [--fast]", "<file> [--fast]")]
    public void Read_ArgumentHint_IsAsItWasWritten(string line, string hint)
    {
        using var library = new TempLibrary().Write("commands/a.md", $"---\n{line}\n---\nGo");
        Assert.Equal(hint, library.Only<Command>().ArgumentHint);
    }

    [Fact]
    public void Read_EveryField_IsTyped()
    {
        using var library = new TempLibrary().Write("commands/ops/deep/ship.md", "---\ndescription: Ships\nallowed-tools: Bash(git add:*) Read\nmodel: haiku\ndisable-model-invocation: true\n---\nGo $1");
        var command = library.Only<Command>();
        Assert.Equal(["Bash(git add:*)", "Read"], command.AllowedTools);
        Assert.Equal(("ops:deep", "/ops:deep:ship", "haiku", true), (command.Namespace, command.Invocation, command.Model, command.DisableModelInvocation));
        Assert.Empty(library.Scan().Diagnostics);
    }

    [Fact]
    public void Read_NoFrontMatter_IsAsItShouldBe()
    {
        using var library = new TempLibrary().Write("commands/ship.md", "# Ship\n\nShips it.\n");
        var command = library.Only<Command>();
        Assert.Equal(("Ships it.", Diagnostics.DiagnosticState.Ok), (command.Description, command.State));
        Assert.Equal(Diagnostics.DiagnosticSeverity.Info, library.OnlyDiagnostic().Severity);
    }
}
