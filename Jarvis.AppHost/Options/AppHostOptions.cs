using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Configuration;

namespace Jarvis.AppHost.Options;

/// <summary>What the user asked the AppHost for, from the command line and from configuration. docs: <c>--help</c>.</summary>
sealed record AppHostOptions
{
    /// <summary>Folders that the catalog reads, absolute, in the order in which they were given.</summary>
    public required IReadOnlyList<string> Libraries { get; init; }

    /// <summary>The one public port.</summary>
    public required int Port { get; init; }

    /// <summary>Where the public port listens: <c>localhost</c>, an address of this machine, or <c>0.0.0.0</c> or <c>[::]</c> for all of them.</summary>
    public string Listen { get; init; } = ListenAddress.Loopback;

    /// <summary>Of the public address: <c>https</c> when <c>Https:Enabled</c> says so.</summary>
    public string Scheme { get; init; } = "http";

    /// <summary>Absolute path of the data directory; null asks for a fresh one that goes at exit (<c>--data temp</c>).</summary>
    public required string? DataDirectory { get; init; }

    public bool HasOwnDatabase { get; init; }

    /// <summary>Connection strings of single services that were given for a database of the user's own, by name.</summary>
    public IReadOnlyList<string> DatabaseRoles { get; init; } = [];

    /// <summary>
    /// Sessions of each process for requests, where the user says so; else they are counted out (<see cref="PoolPlan"/>).
    /// </summary>
    public int? MaxPoolSize { get; init; }

    public bool HasOwnRedis { get; init; }

    public bool NeedsServers => !HasOwnDatabase || !HasOwnRedis;

    /// <summary>What the user set of section <c>N8n</c>, by configuration key; the workflow service knows and checks it.</summary>
    public IReadOnlyDictionary<string, string> N8n { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>What the user set of section <c>Embeddings</c>, by configuration key; the catalog knows and checks it.</summary>
    public IReadOnlyDictionary<string, string> Embeddings { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>What the user set of the gateway, by configuration key.</summary>
    public IReadOnlyDictionary<string, string> Gateway { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    public ServiceSettings Catalog { get; init; } = new();

    public ServiceSettings Workflows { get; init; } = new();

    public ServiceSettings Telemetry { get; init; } = new();

    /// <summary>Of the address at which the other services call the gateway; the public one is <see cref="Port"/>.</summary>
    public ServiceSettings GatewayService { get; init; } = new();

    /// <summary>Folder with <c>initdb</c>, <c>pg_ctl</c> and <c>postgres</c> to use instead of looking for one.</summary>
    public string? PostgresBin { get; init; }

    /// <summary>The account that PostgreSQL runs as where this is root; null for one of its own.</summary>
    public string? PostgresUser { get; init; }

    /// <summary>Fetch the embedded servers even where PostgreSQL or Redis is installed.</summary>
    public bool IgnoreInstalled { get; init; }

    /// <summary>Every port is chosen by the orchestrator, the public one too, as Aspire.Hosting.Testing asks for.</summary>
    public bool RandomPorts { get; init; }

    /// <summary>False when the AppHost is to end at once, with <paramref name="exitCode"/>: 0 after <c>--help</c>, 2 after naming everything that is wrong.</summary>
    public static bool TryRead(string[] args, IConfiguration configuration, string appHostDirectory, [NotNullWhen(true)] out AppHostOptions? options, out int exitCode)
    {
        options = null;
        if (args.Any(arg => arg is "--help" or "-h" or "-?"))
        {
            Console.Out.Write(Help.Text);
            exitCode = 0;
            return false;
        }

        var reader = new OptionsReader(args, configuration, appHostDirectory);
        var read = reader.Read();
        if (reader.Problems.Count > 0)
        {
            foreach (var problem in reader.Problems)
                Console.Error.WriteLine($"error: {problem}");
            Console.Error.WriteLine("Run with --help to see every option.");
            exitCode = 2;
            return false;
        }

        foreach (var library in read.Libraries.Where(library => !Directory.Exists(library)))
            Console.Error.WriteLine($"warning: the library {library} does not exist; the catalog reports it and reads it when it appears.");
        options = read;
        exitCode = 0;
        return true;
    }
}
