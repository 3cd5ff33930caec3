using System.Text.RegularExpressions;

namespace Jarvis.StandIns.Tests;

/// <summary>Builds the switch between packages and stand-ins both ways, with a harmless package in Aspire's place.</summary>
public sealed class FeedChoiceTests
{
    const string OnFeed = "is on the package feed; building with the real packages.";
    const string NotOnFeed = "the package feed has no Harmless.Package 1.0.0; building with standins/";

    [Fact]
    public async Task Restore_PackageOnTheFeed_TakesThePackage()
    {
        using var repository = new ProbeRepository();
        repository.AddPackageToFeed();

        var output = await repository.DotNetAsync("restore", "Probe.slnx");

        Assert.Single(Occurrences(output, OnFeed));
        Assert.Equal("package", repository.ChosenFor("App1"));
        Assert.Equal("package", repository.ChosenFor("App2"));
    }

    [Fact]
    public async Task Build_PackageNotOnTheFeed_TakesTheStandInAndAsksOnce()
    {
        using var repository = new ProbeRepository();

        var first = await repository.DotNetAsync("build", "Probe.slnx");
        var second = await repository.DotNetAsync("restore", "Probe.slnx");

        Assert.Single(Occurrences(first, NotOnFeed));
        Assert.DoesNotContain(" error ", first, StringComparison.OrdinalIgnoreCase);
        Assert.Empty(Occurrences(second, NotOnFeed));
        Assert.Equal("project", repository.ChosenFor("App1"));
        Assert.Equal("project", repository.ChosenFor("App2"));
    }

    [Fact]
    public async Task Run_OfOneProject_FromClean_ChoosesAtTheFirstTime()
    {
        using var with = new ProbeRepository();
        with.AddPackageToFeed();
        using var without = new ProbeRepository();

        Assert.EndsWith("ran", (await with.DotNetAsync("run", "--project", "App1")).Trim(), StringComparison.Ordinal);
        Assert.EndsWith("ran", (await without.DotNetAsync("run", "--project", "App1")).Trim(), StringComparison.Ordinal);

        Assert.Equal("package", with.ChosenFor("App1"));
        Assert.Equal("project", without.ChosenFor("App1"));
    }

    [Fact]
    public async Task Choice_Forced_IsNotAsked()
    {
        using var repository = new ProbeRepository();
        repository.AddPackageToFeed();

        var output = await repository.DotNetAsync("restore", "App1", "-p:Aspire=standin");
        Assert.Equal("project", repository.ChosenFor("App1"));
        await repository.DotNetAsync("restore", "App2", "-p:Aspire=real");
        Assert.Equal("package", repository.ChosenFor("App2"));

        Assert.Empty(Occurrences(output, OnFeed));
    }

    [Fact]
    public async Task Answer_OfYesterday_IsAskedForAgain()
    {
        using var repository = new ProbeRepository();
        await repository.DotNetAsync("restore", "App1");
        repository.AddPackageToFeed();
        await repository.DotNetAsync("restore", "App1");
        Assert.Equal("project", repository.ChosenFor("App1"));

        repository.AgeTheAnswer();
        await repository.DotNetAsync("restore", "App1");

        Assert.Equal("package", repository.ChosenFor("App1"));
    }

    static MatchCollection Occurrences(string text, string part) => Regex.Matches(text, Regex.Escape(part), RegexOptions.None, TimeSpan.FromSeconds(1));
}
