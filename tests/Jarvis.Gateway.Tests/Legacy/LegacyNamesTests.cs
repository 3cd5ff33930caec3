using Jarvis.Gateway.Legacy;
using Microsoft.Extensions.Options;

namespace Jarvis.Gateway.Tests.Legacy;

public sealed class LegacyNamesTests
{
    [Theory]
    [InlineData("/agents", "/api/v2/agents")]
    [InlineData("/Agents/", "/api/v2/agents/")]
    [InlineData("/agents/a%2Fb/content", "/api/v2/agents/a%2Fb/content")]
    [InlineData("/agentsandmore", null)]
    [InlineData("/tasks/recent", "/api/v2/tasks/recent")]
    [InlineData("/tasks", null)]
    [InlineData("/", null)]
    [InlineData("", null)]
    public void OldPath_WithWhatFollows_IsTheNewOne(string path, string? current)
    {
        var options = new LegacyOptions
        {
            Names = new Dictionary<string, string>(StringComparer.Ordinal) { ["/agents"] = "/api/v2/agents", ["/tasks/recent"] = "/api/v2/tasks/recent" },
        };
        Assert.Equal(current, new LegacyNames(_ => Task.CompletedTask, Options.Create(options)).Current(path));
    }
}
