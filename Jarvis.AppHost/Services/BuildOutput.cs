namespace Jarvis.AppHost.Services;

/// <summary>Where the build has put the programs of the services.</summary>
static class BuildOutput
{
    /// <summary>
    /// The program of a project, found beside this one: the AppHost lies in <c>Jarvis.AppHost/bin/Debug/net10.0</c>, a service likewise below its own
    /// folder. Null when outputs lie elsewhere; then <c>dotnet run</c> knows where.
    /// </summary>
    public static string? ProgramOf(string projectPath) => ProgramOf(projectPath, AppContext.BaseDirectory);

    internal static string? ProgramOf(string projectPath, string ownOutput)
    {
        var marker = $"{Path.DirectorySeparatorChar}bin{Path.DirectorySeparatorChar}";
        var at = ownOutput.LastIndexOf(marker, StringComparison.Ordinal);
        if (at < 0)
            return null;
        var name = Path.GetFileNameWithoutExtension(projectPath) + (OperatingSystem.IsWindows() ? ".exe" : "");
        var program = Path.Combine(Path.GetDirectoryName(projectPath)!, "bin", ownOutput[(at + marker.Length)..], name);
        return File.Exists(program) ? program : null;
    }
}
