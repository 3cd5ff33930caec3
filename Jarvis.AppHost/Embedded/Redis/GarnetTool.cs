using System.Text.Json;
using Jarvis.AppHost.Data;
using Microsoft.Extensions.Logging;

namespace Jarvis.AppHost.Embedded.Redis;

/// <summary>Garnet, a Redis-compatible server, as a pinned .NET tool of this data directory. https://microsoft.github.io/garnet/</summary>
static class GarnetTool
{
    public const string Version = "2.2.5";
    const string Package = "garnet-server";
    const string Remedy = "Install Redis or Valkey, or give ConnectionStrings__redis.";
    static readonly TimeSpan InstallWithin = TimeSpan.FromMinutes(3);

    public static string Dotnet => Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") is { Length: > 0 } host && File.Exists(host) ? host
        : Tool.Find("dotnet") ?? throw new StartupException($"There is no dotnet on PATH to run Garnet with. {Remedy}");

    /// <summary>The server's assembly. It is started itself, since the tool's launcher would leave it behind when stopped.</summary>
    public static async Task<string> EnsureAsync(string cache, ILogger log, CancellationToken cancellationToken)
    {
        var target = Path.Combine(cache, $"garnet-{Version}");
        if (Assembly(target) is { } installed)
            return installed;
        DataDirectory.CreateFolder(cache);
        log.InstallingGarnet(Package, Version, cache);
        await using var work = new WorkFolder(cache);
        var tool = Path.Combine(work.Path, "tool");
        var install = await Tool.RunAsync(Dotnet, ["tool", "install", Package, "--version", Version, "--tool-path", tool], InstallWithin, cancellationToken, folder: work.Path);
        if (!install.Succeeded || Assembly(tool) is null)
            throw new StartupException($"There is no Redis on this machine, and the .NET tool {Package} {Version} could not be installed: {install.Complaint} {Remedy}");
        WorkFolder.MoveInto(tool, target);
        return Assembly(target) ?? throw new StartupException($"{target} is incomplete; remove it and start again.");
    }

    /// <summary>
    /// Scripts are atomic only in Lua transaction mode; the plain device works without libaio; the log is flushed ten times a second.
    /// Memory is bounded: 128 MB of records, 8 MB of index, 16 MB of log. Names that Garnet does not know it ignores without a word.
    /// </summary>
    public static string Configuration(int port, string folder, string password) => JsonSerializer.Serialize(new Dictionary<string, object>(StringComparer.Ordinal)
    {
        ["Address"] = "127.0.0.1",
        ["Port"] = port,
        ["AuthenticationMode"] = "Password",
        ["Password"] = password,
        ["LogMemorySize"] = "128m",
        ["IndexMemorySize"] = "8m",
        ["PageSize"] = "4m",
        ["EnableLua"] = true,
        ["LuaTransactionMode"] = true,
        ["EnableAOF"] = true,
        ["AofPageSize"] = "8m",
        ["AofMemorySize"] = "16m",
        ["CommitFrequencyMs"] = 100,
        ["AofSizeLimit"] = "64m",
        ["Recover"] = true,
        ["CheckpointDir"] = folder,
        ["DeviceType"] = "RandomAccess",
        ["QuietMode"] = true,
    });

    static string? Assembly(string tool)
    {
        var tools = Path.Combine(tool, ".store", Package, Version, Package, Version, "tools");
        return Directory.Exists(tools)
            ? Directory.EnumerateFiles(tools, "GarnetServer.dll", SearchOption.AllDirectories).OrderBy(path => path.Length).FirstOrDefault()
            : null;
    }
}
