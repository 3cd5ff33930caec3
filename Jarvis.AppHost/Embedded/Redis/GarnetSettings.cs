using System.Text.Json;

namespace Jarvis.AppHost.Embedded.Redis;

static class GarnetSettings
{
    /// <summary>
    /// Scripts are atomic only in Lua transaction mode; the plain device works without libaio; the log is flushed ten times a second.
    /// Memory is bounded: 128 MB of records, 8 MB of index, 16 MB of log. Names that Garnet does not know it ignores without a word.
    /// </summary>
    public static string Write(int port, string folder, string password) =>
        JsonSerializer.Serialize(new Dictionary<string, object>(StringComparer.Ordinal)
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
}
