namespace Jarvis.AppHost.Embedded;

/// <summary>
/// What an embedded server gets of the environment. Everything that is started inherits the app host's, which holds passwords and keys of
/// Jarvis; a server needs none of them, and whoever may look at its process could read them there.
/// </summary>
static class ServerEnvironment
{
    static readonly string[] Kept = ["PATH", "LANG", "LC_ALL", "TZ", "TMPDIR", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "DOTNET_ROOT",
        "SystemRoot", "TEMP", "TMP"];

    /// <summary>Of the app host's variables those that say where things are, and these.</summary>
    public static IReadOnlyDictionary<string, string> With(params IEnumerable<KeyValuePair<string, string>> more)
    {
        var variables = Kept.Select(name => KeyValuePair.Create(name, Environment.GetEnvironmentVariable(name) ?? ""))
            .Where(variable => variable.Value.Length > 0)
            .ToDictionary(StringComparer.Ordinal);
        foreach (var (name, value) in more)
            variables[name] = value;
        return variables;
    }

    /// <summary>
    /// The command line that starts a program with these variables and no others, which Aspire's orchestrator cannot. The program takes
    /// the place of what starts it, so that signals and the process id are its own. Windows has nothing like it; there nobody but the
    /// same user sees the environment.
    /// </summary>
    public static (string Program, IReadOnlyList<string> Arguments) Clear((string Program, IReadOnlyList<string> Arguments) command,
        IReadOnlyDictionary<string, string> variables) =>
        OperatingSystem.IsWindows() || Tool.Find("env") is not { } env
            ? command
            : (env, ["-i", .. variables.Select(variable => $"{variable.Key}={variable.Value}"), command.Program, .. command.Arguments]);
}
