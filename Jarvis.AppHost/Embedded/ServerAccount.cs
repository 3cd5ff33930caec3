using System.Globalization;
using Jarvis.AppHost.Data;
using Microsoft.Extensions.Logging;

namespace Jarvis.AppHost.Embedded;

/// <summary>
/// PostgreSQL refuses to run as root. Where the AppHost is root, its tools and its server run as an account that nothing else runs as; it
/// is made when there is none, as packages of a distribution do.
/// </summary>
/// <param name="UserId">Null where the AppHost is no root: then they run as the same user.</param>
sealed record ServerAccount(string Name, int? UserId, int? GroupId)
{
    /// <summary>The account, unless <c>Embedded:PostgresUser</c> names another.</summary>
    public const string DefaultName = "jarvis-postgres";

    static readonly ServerAccount Same = new(Environment.UserName, UserId: null, GroupId: null);
    static readonly ServerAccount Nobody = new("nobody", 65534, 65534);
    static readonly TimeSpan Within = TimeSpan.FromSeconds(30);

    /// <summary>The user id that the server's socket belongs to; null on Windows.</summary>
    public int? ListenerId => UserId ?? (OperatingSystem.IsWindows() ? null : Processes.UserId.Own);

    /// <summary>The account of that name. One that is named by hand has to be there.</summary>
    public static async Task<ServerAccount> FindAsync(string? named, ILogger log, CancellationToken cancellationToken)
    {
        if (OperatingSystem.IsWindows() || !Environment.IsPrivilegedProcess)
            return Same;
        var name = named ?? DefaultName;
        if (await LookUpAsync(name, cancellationToken) is { } there)
            return there.UserId != 0 ? there : throw new StartupException("Embedded:PostgresUser: PostgreSQL does not run as root.");
        if (named is not null)
            throw new StartupException($"Embedded:PostgresUser: there is no account {named}. Make it (useradd --system {named}), or "
                + "leave the option out.");
        var complaint = await MakeAsync(name, cancellationToken);
        // Another AppHost may have made it at the same moment.
        if (await LookUpAsync(name, cancellationToken) is { } made)
        {
            if (complaint.Length == 0)
                log.MadeAccount(name);
            return made;
        }

        log.RunsAsNobody(name, complaint);
        return Nobody;
    }

    /// <summary>
    /// The command line that runs a program under the account. It replaces itself by the program, so that signals and the process id are
    /// the program's.
    /// </summary>
    public (string Program, IReadOnlyList<string> Arguments) Command(string program, params IEnumerable<string> arguments)
    {
        if (UserId is null)
            return (program, [.. arguments]);
        if (Tool.Find("setpriv") is { } setpriv)
            return (setpriv, [$"--reuid={UserId}", $"--regid={GroupId}", "--clear-groups", "--", program, .. arguments]);
        if ((Tool.Find("su-exec") ?? Tool.Find("gosu")) is { } exec)
            return (exec, [$"{UserId}:{GroupId}", program, .. arguments]);
        throw new StartupException("PostgreSQL does not run as root, and there is no setpriv, gosu or su-exec to run it as another user. Start Jarvis as an ordinary user, install util-linux, or give ConnectionStrings__jarvisdb.");
    }

    public Task<ToolResult> RunAsync(string program, IEnumerable<string> arguments, TimeSpan within, CancellationToken cancellationToken,
        string? input = null)
    {
        var (command, all) = Command(program, arguments);
        return Tool.RunAsync(
            command, all, within, cancellationToken, input, folder: Path.GetPathRoot(Environment.CurrentDirectory),
            environment: ServerEnvironment.With());
    }

    /// <summary>Gives a file or a folder with all that is in it to the account, which alone may read it.</summary>
    public async Task GiveAsync(string path, CancellationToken cancellationToken)
    {
        PrivateFiles.Protect(path);
        if (UserId is null || Processes.UserId.Owner(path) == UserId)
            return;
        var given = await Tool.RunAsync("chown", ["-R", "-h", $"{UserId}:{GroupId}", path], Within, cancellationToken);
        if (!given.Succeeded)
            throw new StartupException($"{path} could not be given to the account of PostgreSQL, {Name}: {given.Complaint}");
    }

    /// <summary>A private folder of root anywhere above makes PostgreSQL fail with a message about a missing library or file.</summary>
    public async Task DemandEntryAsync(string folder, CancellationToken cancellationToken)
    {
        if (UserId is null)
            return;
        var entered = await RunAsync("test", ["-x", folder], Within, cancellationToken);
        if (!entered.Succeeded)
            throw new StartupException($"PostgreSQL does not run as root but as {Name}, who cannot enter {folder}: a folder above it is "
                + "private to root. Choose another with --data DIR (as root the default is /var/lib/jarvis), or start Jarvis as an "
                + "ordinary user.");
    }

    /// <summary>As Debian's useradd and as Alpine's adduser want it: a system account without a home, a password or a shell.</summary>
    static async Task<string> MakeAsync(string name, CancellationToken cancellationToken)
    {
        (string Program, string[] Arguments)[] ways =
        [
            ("useradd", ["--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent", "--shell", "/usr/sbin/nologin",
                "--comment", "PostgreSQL of Jarvis", name]),
            ("adduser", ["-S", "-D", "-H", "-h", "/nonexistent", "-s", "/sbin/nologin", "-g", "PostgreSQL of Jarvis", name]),
        ];
        foreach (var (program, arguments) in ways)
        {
            if (Tool.Find(program) is not { } path)
                continue;
            var made = await Tool.RunAsync(path, arguments, Within, cancellationToken);
            return made.Succeeded ? "" : made.Complaint;
        }

        return "there is neither useradd nor adduser";
    }

    static async Task<ServerAccount?> LookUpAsync(string name, CancellationToken cancellationToken)
    {
        var user = await Tool.RunAsync("id", ["-u", "--", name], Within, cancellationToken);
        var group = await Tool.RunAsync("id", ["-g", "--", name], Within, cancellationToken);
        return user.Succeeded && group.Succeeded
            && int.TryParse(user.Output.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var userId)
            && int.TryParse(group.Output.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var groupId)
            ? new ServerAccount(name, userId, groupId)
            : null;
    }
}
