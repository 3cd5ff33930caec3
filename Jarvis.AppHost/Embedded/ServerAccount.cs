using Jarvis.AppHost.Data;


namespace Jarvis.AppHost.Embedded;

/// <summary>PostgreSQL refuses to run as root. Where the AppHost is root, its tools and its server run as <c>nobody</c>.</summary>
static class ServerAccount
{
    const string Nobody = "65534";
    static readonly TimeSpan Within = TimeSpan.FromSeconds(30);

    public static bool IsAnother => !OperatingSystem.IsWindows() && Environment.IsPrivilegedProcess;

    /// <summary>The command line that runs a program under the server's account. It replaces itself by the program, so that signals and the process id are the program's.</summary>
    public static (string Program, IReadOnlyList<string> Arguments) Command(string program, params IEnumerable<string> arguments)
    {
        if (!IsAnother)
            return (program, [.. arguments]);
        if (Tool.Find("setpriv") is { } setpriv)
            return (setpriv, [$"--reuid={Nobody}", $"--regid={Nobody}", "--clear-groups", "--", program, .. arguments]);
        if ((Tool.Find("su-exec") ?? Tool.Find("gosu")) is { } exec)
            return (exec, [$"{Nobody}:{Nobody}", program, .. arguments]);
        throw new StartupException("PostgreSQL does not run as root, and there is no setpriv, gosu or su-exec to run it as another user. Start Jarvis as an ordinary user, install util-linux, or give ConnectionStrings__jarvisdb.");
    }

    public static Task<ToolResult> RunAsync(string program, IEnumerable<string> arguments, TimeSpan within, CancellationToken cancellationToken, string? input = null)
    {
        var (command, all) = Command(program, arguments);
        return Tool.RunAsync(command, all, within, cancellationToken, input, folder: Path.GetPathRoot(Environment.SystemDirectory) is { Length: > 0 } root ? root : "/");
    }

    /// <summary>Gives a file or a folder with all that is in it to the server's account, which alone may read it.</summary>
    public static async Task GiveAsync(string path, CancellationToken cancellationToken)
    {
        if (OperatingSystem.IsWindows())
            return;
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | (Directory.Exists(path) ? UnixFileMode.UserExecute : UnixFileMode.None));
        if (!IsAnother)
            return;
        var given = await Tool.RunAsync("chown", ["-R", $"{Nobody}:{Nobody}", path], Within, cancellationToken);
        if (!given.Succeeded)
            throw new StartupException($"{path} could not be given to the account of PostgreSQL: {given.Complaint}");
    }

    /// <summary>A private folder of root anywhere above makes PostgreSQL fail with a message about a missing library or file.</summary>
    public static async Task DemandEntryAsync(string folder, CancellationToken cancellationToken)
    {
        if (!IsAnother)
            return;
        var entered = await RunAsync("test", ["-x", folder], Within, cancellationToken);
        if (!entered.Succeeded)
            throw new StartupException($"PostgreSQL does not run as root but as nobody, who cannot enter {folder}: a folder above it is private to root. Choose another with --data DIR (as root the default is /var/lib/jarvis), or start Jarvis as an ordinary user.");
    }
}
