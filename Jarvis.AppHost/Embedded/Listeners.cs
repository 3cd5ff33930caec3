using System.Globalization;

namespace Jarvis.AppHost.Embedded;

/// <summary>
/// Whose sockets listen at a port of this machine. A server's port is free for a moment before it starts and while it is down: whoever
/// listens there then would be sent its password.
/// </summary>
static class Listeners
{
    const string Listening = "0A";
    const int AddressColumn = 1;
    const int StateColumn = 3;
    const int UserColumn = 7;
    static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Why nothing may be sent there yet; null when all that listens there belongs to this user, or when the system does not tell
    /// (Windows).
    /// </summary>
    public static async Task<string?> ComplaintAsync(int port, int? userId, CancellationToken cancellationToken)
    {
        if (userId is null || await UsersAsync(port, cancellationToken) is not { } users)
            return null;
        return users.Count == 0 ? "Nothing listens there yet."
            : users.All(user => user == userId) ? null
            : $"What listens at port {port} belongs to user {users.First(user => user != userId)}, not to the server: another user's "
                + "program is not told the password.";
    }

    static async Task<IReadOnlyList<int>?> UsersAsync(int port, CancellationToken cancellationToken)
    {
        if (OperatingSystem.IsLinux())
            return Read(port);
        if (!OperatingSystem.IsMacOS())
            return null;
        var listed = await Tool.RunAsync("lsof", ["-nP", $"-iTCP:{port.ToString(CultureInfo.InvariantCulture)}", "-sTCP:LISTEN", "-Fu"],
            AnswerWithin, cancellationToken);
        return listed.Found ? ParseLsof(listed.Output) : null;
    }

    static IReadOnlyList<int>? Read(int port)
    {
        try
        {
            string[] tables = ["/proc/net/tcp", "/proc/net/tcp6"];
            return [.. tables.Where(File.Exists).SelectMany(table => Parse(File.ReadLines(table), port))];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>
    /// https://docs.kernel.org/networking/proc_net_tcp.html; whatever address it is, since one that stands for all of them takes the
    /// loopback's connections, too.
    /// </summary>
    internal static IReadOnlyList<int> Parse(IEnumerable<string> lines, int port)
    {
        var ending = string.Create(CultureInfo.InvariantCulture, $":{port:X4}");
        return [.. lines.Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(columns => columns.Length > UserColumn && columns[StateColumn] == Listening
                && columns[AddressColumn].EndsWith(ending, StringComparison.Ordinal))
            .Select(columns => int.Parse(columns[UserColumn], CultureInfo.InvariantCulture))];
    }

    internal static IReadOnlyList<int> ParseLsof(string output) =>
[.. output.Split('\n')
            .Where(line => line.StartsWith('u')).Select(line => int.Parse(line.AsSpan(1).Trim(), CultureInfo.InvariantCulture))];
}
