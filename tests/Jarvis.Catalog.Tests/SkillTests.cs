using Jarvis.Catalog.Diagnostics;
using Jarvis.Catalog.Resources;

namespace Jarvis.Catalog.Tests;

public sealed class SkillTests
{
    [Fact]
    public void Read_EveryField_IsTyped()
    {
        using var library = new TempLibrary().Write("skills/pdf/SKILL.md", """
            ---
            name: pdf
            description: Fills forms.
            license: Apache-2.0
            compatibility: Needs Python 3
            metadata:
              author: example
              version: "1.0"
            allowed-tools: Bash(git:*) Read
            model: opus
            effort: max
            disable-model-invocation: true
            user-invocable: false
            argument-hint: [form]
            context: fork
            agent: Explore
            hooks:
              Stop: []
            when_to_use: When there is a form.
            paths: ["*.pdf"]
            ---
            Text
            """);
        var skill = library.Only<Skill>();
        Assert.Empty(library.Scan().Diagnostics);
        Assert.Equal(("Apache-2.0", "Needs Python 3", "opus", "max"), (skill.License, skill.Compatibility, skill.Model, skill.Effort));
        Assert.Equal((true, false, "[form]", "fork", "Explore"), (skill.DisableModelInvocation, skill.UserInvocable, skill.ArgumentHint, skill.Context, skill.Agent));
        Assert.Equal(["Bash(git:*)", "Read"], skill.AllowedTools);
        Assert.Equal(("example", "1.0"), (skill.Metadata!["author"], skill.Metadata["version"]));
        Assert.Equal(["Stop", "When there is a form.", "*.pdf"], [.. skill.Hooks, skill.WhenToUse!, .. skill.Paths]);
    }

    [Theory]
    [InlineData("pdf", "name: PDF", "skill_name_characters,skill_name_not_folder")]
    [InlineData("pdf forms", "name: pdf forms", "skill_name_characters")]
    [InlineData("-pdf", "name: -pdf", "skill_name_hyphens")]
    [InlineData("pdf--x", "name: pdf--x", "skill_name_hyphens")]
    [InlineData("pdf", "name: docx", "skill_name_not_folder")]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "name: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "skill_name_too_long")]
    [InlineData("pdf", "name: pdf\nmetadata: text", "skill_metadata_invalid")]
    [InlineData("pdf", "name: pdf\nmetadata: {a: [b]}", "skill_metadata_invalid")]
    [InlineData("pdf", "model: opus", "name_missing")]
    public void Read_BrokenRule_HasItsCode(string folder, string lines, string codes)
    {
        using var library = new TempLibrary().Write($"skills/{folder}/SKILL.md", $"---\ndescription: d\n{lines}\n---\nText");
        Assert.Single(library.Scan().Entries);
        Assert.Equal(codes, string.Join(',', library.Scan().Diagnostics.Select(diagnostic => diagnostic.Code)));
        Assert.All(library.Scan().Diagnostics, diagnostic => Assert.Equal(DiagnosticSeverity.Warning, diagnostic.Severity));
    }

    [Theory]
    [InlineData("description", 1_024, null)]
    [InlineData("description", 1_025, "skill_description_too_long")]
    [InlineData("description", 5_700, "skill_description_too_long")]
    [InlineData("compatibility", 500, null)]
    [InlineData("compatibility", 501, "skill_compatibility_too_long")]
    public void Read_LengthOfAField_IsHeldToTheRule(string key, int length, string? code)
    {
        using var library = new TempLibrary().Write("skills/pdf/SKILL.md", $"---\nname: pdf\n{(key == "description" ? "" : "description: d\n")}{key}: {new string('x', length)}\n---\nText");
        Assert.Equal(code, library.Scan().Diagnostics.SingleOrDefault()?.Code);
        Assert.Equal(DiagnosticState.Ok, library.Only<Skill>().State);
    }

    [Fact]
    public void Read_NoDescription_IsDegraded()
    {
        using var library = new TempLibrary().Write("skills/pdf/SKILL.md", "---\nname: pdf\n---\nFills forms.");
        Assert.Equal(("description_missing", "Fills forms."), (library.OnlyDiagnostic().Code, library.Only<Skill>().Description));
    }

    [Fact]
    public void Read_SkillAtAPluginsTop_NeedNotHaveItsFoldersName()
    {
        using var library = new TempLibrary().Write("p/.claude-plugin/plugin.json", """{"name": "tools"}""").Write("p/SKILL.md", "---\nname: review\ndescription: d\n---\nText");
        Assert.Equal("review", library.Only<Skill>().Name);
        Assert.Empty(library.Scan().Diagnostics);
    }
}
