using Jarvis.AppHost.Options;

namespace Jarvis.AppHost.Tests;

public sealed class CommandLineTests
{
    [Fact]
    public void Library_GivenTwice_IsKeptInOrder() =>
        Assert.Equal(["/a", "/b"], CommandLine.Parse(["--library", "/a", "--library=/b"]).All("library"));

    [Theory]
    [InlineData("--bogus")]
    [InlineData("--bogus=1")]
    [InlineData("bogus")]
    [InlineData("-p")]
    public void Option_NotKnown_IsNamed(string arg) =>
        Assert.Contains(arg.Split('=')[0].TrimStart('-'), Assert.Single(CommandLine.Parse([arg]).Problems), StringComparison.Ordinal);

    [Theory]
    [InlineData("--DcpPublisher:RandomizePorts=true")]
    [InlineData("--environment=Testing")]
    [InlineData("--Replicas:Catalog=2")]
    public void Option_OfTheHostOrConfiguration_IsLeftAlone(string arg) => Assert.Empty(CommandLine.Parse([arg]).Problems);

    [Fact]
    public void Option_WithoutItsValue_IsNamed() =>
        Assert.Equal(["--data needs a value.", "--port needs a value."], CommandLine.Parse(["--data", "--port="]).Problems);
}
