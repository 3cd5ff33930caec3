using System.Globalization;
using System.Security.Cryptography;
using Jarvis.AppHost.Data;
using Jarvis.AppHost.Processes;
using Microsoft.Extensions.Logging;

namespace Jarvis.AppHost.Embedded.Postgres;

/// <summary>The data folder of an embedded PostgreSQL: made once, with its password and its databases, and cleared of what a killed run left.</summary>
sealed class PostgresCluster(DataDirectory data, string name, ServerAccount account, ILogger log)
{
    static readonly TimeSpan MakeWithin = TimeSpan.FromMinutes(2);
    static readonly TimeSpan StopWithin = TimeSpan.FromSeconds(20);

    public string Folder { get; } = data.File(name);

    string PasswordFile => data.File($"{name}.password");

    string DatabasesFile => data.File($"{name}.databases");

    /// <summary>The major version of the data that are there, or null when there are none.</summary>
    public int? Major
    {
        get
        {
            var file = Path.Combine(Folder, "PG_VERSION");
            return File.Exists(file) && int.TryParse(File.ReadAllText(file).Trim(), CultureInfo.InvariantCulture, out var major) ? major : null;
        }
    }

    /// <summary>
    /// Stops a server that a killed AppHost left on these data. Its file is left to PostgreSQL, which tells by it whether a backend of a
    /// dead server still writes here; it only cannot tell when another process got the id.
    /// </summary>
    public async Task ClearAsync(CancellationToken cancellationToken)
    {
        if (PostmasterFile.Read(Folder) is not { } postmaster)
            return;
        switch (await postmaster.WhoAsync(Folder, cancellationToken))
        {
            case PostmasterHolder.Server:
                using (var orphan = await postmaster.FindAsync(Folder, cancellationToken))
                {
                    if (orphan is null)
                        break;
                    log.StoppingPostgres(postmaster.ProcessId, Folder);
                    await Signals.StopAsync(orphan, StopWithin, cancellationToken);
                }

                break;
            case PostmasterHolder.Stranger:
                File.Delete(PostmasterFile.PathIn(Folder));
                break;
            case PostmasterHolder.Unknown:
                log.NotOurPostgres(postmaster.ProcessId, Folder);
                break;
        }
    }

    /// <summary>
    /// Aspire's orchestrator stops its processes with SIGTERM, on which PostgreSQL waits for the last session to end, be it of a person.
    /// The services have ended theirs; this asks for the fast shutdown, before the orchestrator loses its patience.
    /// </summary>
    public async Task StopSoonAsync()
    {
        try
        {
            if (PostmasterFile.Read(Folder) is not { } postmaster
                || await postmaster.FindAsync(Folder, CancellationToken.None) is not { } server)
                return;
            using (server)
                await Signals.StopAsync(server, StopWithin, CancellationToken.None);
        }
        catch (Exception error)
        {
            // The orchestrator ends it then, in its own way.
            log.NotStoppedSoon(error);
        }
    }

    /// <summary>Makes the data folder when it is missing. Returns the password of the superuser.</summary>
    public async Task<string> EnsureAsync(PostgresBinaries binaries, IEnumerable<string> databases, CancellationToken cancellationToken)
    {
        var password = PrivateFiles.Read(PasswordFile) ?? "";
        var isNew = Major is null;
        // Earlier releases ran it as another account.
        if (!isNew)
            await account.GiveAsync(Folder, cancellationToken);
        if (isNew)
        {
            password = NewPassword();
            File.Delete(DatabasesFile);
            await MakeAsync(binaries, password, cancellationToken);
        }
        else if (password.Length == 0)
        {
            password = NewPassword();
            await ExecuteAsync(binaries, [$"ALTER ROLE {EmbeddedPostgresResource.UserName} PASSWORD '{password}'"], cancellationToken);
        }

        PrivateFiles.Write(PasswordFile, password);
        var known = File.Exists(DatabasesFile) ? await File.ReadAllLinesAsync(DatabasesFile, cancellationToken) : [];
        string[] missing = [.. databases.Except(known, StringComparer.Ordinal)];
        if (missing.Length > 0)
        {
            await ExecuteAsync(binaries, missing.Select(database => $"CREATE DATABASE \"{database}\""), cancellationToken);
            await File.AppendAllLinesAsync(DatabasesFile, missing, cancellationToken);
        }

        return password;
    }

    /// <summary>The path without links, as the system shows the working folder of a process.</summary>
    public static string RealPath(string path)
    {
        var real = Path.GetPathRoot(path) ?? "/";
        foreach (var part in path[real.Length..].Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries))
        {
            real = Path.Combine(real, part);
            real = new DirectoryInfo(real).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? real;
        }

        return real;
    }

    async Task MakeAsync(PostgresBinaries binaries, string password, CancellationToken cancellationToken)
    {
        log.MakingCluster(binaries.Version, Folder);
        var unfinished = Folder + ".new";
        if (Directory.Exists(unfinished))
            Directory.Delete(unfinished, recursive: true);
        Directory.CreateDirectory(unfinished);
        await account.GiveAsync(unfinished, cancellationToken);
        var passwordFile = Folder + ".pwfile";
        PrivateFiles.Write(passwordFile, password);
        await account.GiveAsync(passwordFile, cancellationToken);
        try
        {
            var made = await account.RunAsync(
                binaries.InitDb,
                ["-D", unfinished, "-U", EmbeddedPostgresResource.UserName, "--pwfile", passwordFile, "-A", "scram-sha-256", "-E", "UTF8", .. Locale(binaries.Version)],
                MakeWithin,
                cancellationToken);
            if (!made.Succeeded)
                throw new StartupException($"initdb of PostgreSQL {binaries.Version} could not make a database in {Folder}: {made.Complaint}");
        }
        finally
        {
            File.Delete(passwordFile);
        }

        if (Directory.Exists(Folder))
            Directory.Delete(Folder, recursive: false);
        Directory.Move(unfinished, Folder);
    }

    /// <summary>Runs statements without a server, before it starts: a stand-alone backend reads one from each line.</summary>
    async Task ExecuteAsync(PostgresBinaries binaries, IEnumerable<string> statements, CancellationToken cancellationToken)
    {
        var input = string.Concat(statements.Select(statement => $"{statement};\n"));
        var result = await account.RunAsync(binaries.Server, ["--single", "-D", Folder, "postgres"], MakeWithin, cancellationToken, input);
        if (!result.Succeeded || result.Error.Split('\n').Any(line => line.Contains("ERROR:", StringComparison.Ordinal) && !line.Contains("already exists", StringComparison.Ordinal)))
            throw new StartupException($"PostgreSQL could not prepare the databases in {Folder}: {result.Complaint}");
    }

    /// <summary>The same order of text everywhere, whatever locales the machine has.</summary>
    static string[] Locale(Version version) =>
        version.Major >= 17 ? ["--locale-provider=builtin", "--locale=C.UTF-8"]
        : OperatingSystem.IsLinux() ? ["--locale-provider=libc", "--locale=C.UTF-8"]
        : ["--locale-provider=libc", "--locale=C"];

    static string NewPassword() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24));
}
