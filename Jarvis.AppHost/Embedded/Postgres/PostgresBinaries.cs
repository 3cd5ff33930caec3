using System.Text.RegularExpressions;
using Jarvis.AppHost.Options;

namespace Jarvis.AppHost.Embedded.Postgres;

/// <summary>A folder with <c>initdb</c> and <c>postgres</c>, and their version.</summary>
sealed partial record PostgresBinaries(string Folder, Version Version)
{
    /// <summary>The oldest release that Jarvis is tested with.</summary>
    public const int OldestMajor = 15;

    static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(10);

    public string Server => Program(Folder, "postgres");

    public string InitDb => Program(Folder, "initdb");

    /// <summary>The newest installed one that is new enough or, where there are data already, the one of their major version.</summary>
    public static async Task<PostgresBinaries?> FindInstalledAsync(int? major, CancellationToken cancellationToken)
    {
        PostgresBinaries? best = null;
        foreach (var folder in await FoldersAsync(cancellationToken))
        {
            if (await InspectAsync(folder, cancellationToken) is not { } found || found.Version.Major < OldestMajor || (major is not null && found.Version.Major != major))
                continue;
            if (best is null || found.Version > best.Version)
                best = found;
        }

        return best;
    }

    /// <summary>Null when the folder does not hold a PostgreSQL server that runs here.</summary>
    public static async Task<PostgresBinaries?> InspectAsync(string folder, CancellationToken cancellationToken)
    {
        if (!File.Exists(Program(folder, "postgres")) || !File.Exists(Program(folder, "initdb")))
            return null;
        var answer = await Tool.RunAsync(Program(folder, "postgres"), ["--version"], AnswerWithin, cancellationToken);
        return answer.Succeeded && ParseVersion(answer.Output) is { } version ? new PostgresBinaries(folder, version) : null;
    }

    internal static Version? ParseVersion(string text) =>
        VersionPattern().Match(text) is { Success: true } match && Version.TryParse(match.Groups["version"].Value is var number && number.Contains('.', StringComparison.Ordinal) ? number : $"{number}.0", out var version)
            ? version
            : null;

    static async Task<IReadOnlyList<string>> FoldersAsync(CancellationToken cancellationToken)
    {
        var folders = new List<string>();
        if (Tool.Find("pg_config") is { } config && await Tool.RunAsync(config, ["--bindir"], AnswerWithin, cancellationToken) is { Succeeded: true } answer)
            folders.Add(answer.Output.Trim());
        if (Tool.Find("postgres") is { } server)
            folders.Add(Path.GetDirectoryName(new FileInfo(server).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? server)!);
        if (OperatingSystem.IsWindows())
            folders.AddRange(Below(Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.ProgramFiles), "PostgreSQL"), "*"));
        else if (OperatingSystem.IsMacOS())
            folders.AddRange([.. Below("/opt/homebrew/opt", "postgresql@*"), .. Below("/usr/local/opt", "postgresql@*"), .. Below("/Applications/Postgres.app/Contents/Versions", "*")]);
        else
            folders.AddRange([.. Below("/usr/lib/postgresql", "*"), .. Below("/usr", "pgsql-*")]);
        return [.. folders.Distinct(DefaultFolders.PathComparer)];
    }

    static IEnumerable<string> Below(string folder, string pattern) =>
        Directory.Exists(folder) ? Directory.EnumerateDirectories(folder, pattern).Select(version => Path.Combine(version, "bin")) : [];

    static string Program(string folder, string name) => Path.Combine(folder, OperatingSystem.IsWindows() ? $"{name}.exe" : name);

    [GeneratedRegex(@"\(PostgreSQL\) (?<version>\d+(\.\d+)?)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex VersionPattern();
}
