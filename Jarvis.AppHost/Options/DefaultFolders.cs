namespace Jarvis.AppHost.Options;

/// <summary>Where things lie when nobody says otherwise, on each platform.</summary>
static class DefaultFolders
{
    public static StringComparer PathComparer => OperatingSystem.IsLinux() ? StringComparer.Ordinal : StringComparer.OrdinalIgnoreCase;

    static string Home => Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);

    /// <summary>Root gets a folder outside its home: PostgreSQL runs as another user then and could not enter there.</summary>
    public static string Data()
    {
        if (OperatingSystem.IsWindows())
            return Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData), "Jarvis");
        if (Environment.IsPrivilegedProcess)
            return "/var/lib/jarvis";
        if (OperatingSystem.IsMacOS())
            return Path.Combine(Home, "Library", "Application Support", "jarvis");
        return Environment.GetEnvironmentVariable("XDG_DATA_HOME") is { Length: > 0 } data && Path.IsPathRooted(data)
            ? Path.Combine(data, "jarvis")
            : Path.Combine(Home, ".local", "share", "jarvis");
    }

    /// <summary>
    /// The folder that relative paths of the command line are meant from. <c>dotnet run</c> moves an AppHost into its project's folder; the shell's own
    /// folder is still in PWD, which Windows does not have: there the repository's folder is the best guess.
    /// </summary>
    public static string Caller(string appHostDirectory) => Caller(appHostDirectory, Environment.CurrentDirectory, Environment.GetEnvironmentVariable("PWD"));

    internal static string Caller(string appHostDirectory, string current, string? shell)
    {
        if (!PathComparer.Equals(Path.TrimEndingDirectorySeparator(current), Path.TrimEndingDirectorySeparator(appHostDirectory)))
            return current;
        return Path.IsPathRooted(shell) && Directory.Exists(shell) ? shell : Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(appHostDirectory)) ?? current;
    }

    /// <summary>The user's own Claude Code folder when there is one, then the library that ships with Jarvis.</summary>
    public static IReadOnlyList<string> Libraries(string appHostDirectory)
    {
        string[] candidates = [Path.Combine(Home, ".claude"), Path.Combine(Path.GetDirectoryName(appHostDirectory) ?? appHostDirectory, "library")];
        return [.. candidates.Where(Directory.Exists)];
    }

    public static string ExpandHome(string path) =>
        path == "~" ? Home
        : path.StartsWith("~/", StringComparison.Ordinal) || path.StartsWith("~\\", StringComparison.Ordinal) ? Path.Combine(Home, path[2..])
        : path;
}
