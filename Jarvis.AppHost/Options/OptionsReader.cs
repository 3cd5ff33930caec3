using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace Jarvis.AppHost.Options;

/// <summary>Reads and checks every option and collects what is wrong, so that the user hears of all of it at once.</summary>
sealed class OptionsReader(string[] args, IConfiguration configuration, string appHostDirectory)
{
    const int MaximumReplicas = 16;
    const int MaximumLibraries = 64;
    const int MaximumPoolSize = 1_000;
    const string Database = "jarvisdb";

    readonly List<string> _problems = [];

    public IReadOnlyList<string> Problems => _problems;

    public AppHostOptions Read()
    {
        var line = CommandLine.Parse(args);
        _problems.AddRange(line.Problems);
        return new AppHostOptions
        {
            Libraries = Libraries(line),
            Port = Integer(line.Last("port"), "--port") ?? Integer(configuration["Gateway:Port"], "Gateway:Port") ?? 8000,
            Listen = Listen(line),
            Scheme = Switch("Https:Enabled") ? "https" : "http",
            DataDirectory = DataDirectory(line),
            HasOwnDatabase = HasValue(configuration.GetConnectionString(Database)),
            DatabaseRoles = DatabaseRoles(),
            MaxPoolSize = Integer(configuration["Postgres:MaxPoolSize"], "Postgres:MaxPoolSize", MaximumPoolSize),
            HasOwnRedis = HasValue(configuration.GetConnectionString("redis")),
            N8n = N8n(line),
            Embeddings = Embeddings(),
            Gateway = GatewaySettings.Read(configuration),
            Catalog = Service("Catalog"),
            Workflows = Service("Workflows"),
            Telemetry = Service("Telemetry"),
            GatewayService = Service("Gateway"),
            PostgresBin = PostgresBin(),
            PostgresUser = NullIfEmpty(configuration["Embedded:PostgresUser"]),
            IgnoreInstalled = Switch("Embedded:IgnoreInstalled"),
            RandomPorts = Switch("DcpPublisher:RandomizePorts"),
        };
    }

    List<string> Libraries(CommandLine line)
    {
        IReadOnlyList<string> named = line.All("library");
        if (named.Count == 0)
            named = configuration["JARVIS_LIBRARY"]?.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];
        if (named.Count == 0)
            named = DefaultFolders.Libraries(appHostDirectory);
        var libraries = new List<string>();
        foreach (var library in named)
        {
            if (FullPath(library, "--library") is { } path && !libraries.Contains(path, DefaultFolders.PathComparer))
                libraries.Add(path);
        }

        if (libraries.Count > MaximumLibraries)
            _problems.Add($"--library: {libraries.Count} folders are too many, at most {MaximumLibraries}.");
        return libraries;
    }

    /// <summary>Connection strings of single services make sense beside the one at which the server is asked what it takes.</summary>
    string[] DatabaseRoles()
    {
        string[] given = [.. configuration.GetSection("ConnectionStrings").GetChildren()
            .Where(entry => HasValue(entry.Value) && entry.Key.StartsWith($"{Database}_", StringComparison.OrdinalIgnoreCase))
                .Select(entry => entry.Key.ToLowerInvariant())];
        if (given.Length > 0 && !HasValue(configuration.GetConnectionString(Database)))
            _problems.Add($"ConnectionStrings:{given[0]} needs ConnectionStrings:{Database} beside it, for the services that have none "
                + "of their own.");
        if (Has($"{Database}_identity") != Has($"{Database}_identity_owner"))
            _problems.Add($"ConnectionStrings:{Database}_identity and ConnectionStrings:{Database}_identity_owner go together: one is "
                + "the gateway's at work, the other its migrations'.");
        return given;

        bool Has(string name) => given.Contains(name, StringComparer.Ordinal);
    }

    string? DataDirectory(CommandLine line)
    {
        var (value, option) = line.Last("data") is { } named ? (named, "--data") : (configuration["Data:Directory"], "Data:Directory");
        if (string.Equals(value, "temp", StringComparison.Ordinal))
            return null;
        return HasValue(value) ? FullPath(value!, option) : DefaultFolders.Data();
    }

    Dictionary<string, string> Embeddings()
    {
        Url(configuration["Embeddings:BaseUrl"], "Embeddings:BaseUrl");
        return Section("Embeddings");
    }

    Dictionary<string, string> N8n(CommandLine line)
    {
        var settings = Section("N8n");
        if ((Url(line.Last("n8n"), "--n8n") ?? Url(configuration["N8n:BaseUrl"], "N8n:BaseUrl")) is { } address)
            settings["N8n:BaseUrl"] = address;
        return settings;
    }

    /// <summary>All that is set of a section, by full key; the service that reads it knows and checks it.</summary>
    Dictionary<string, string> Section(string name) => configuration.GetSection(name).AsEnumerable()
        .Where(setting => HasValue(setting.Value)).ToDictionary(setting => setting.Key, setting => setting.Value!, StringComparer.OrdinalIgnoreCase);

    ServiceSettings Service(string name) => new(
        Integer(configuration[$"Replicas:{name}"], $"Replicas:{name}", MaximumReplicas) ?? 1,
        Integer(configuration[$"Ports:{name}"], $"Ports:{name}"));

    /// <summary>Beyond this machine the gateway needs to know under which names it is called, and somebody must have decided about HTTPS.</summary>
    string Listen(CommandLine line)
    {
        var (value, option) = line.Last("listen") is { } named ? (named, "--listen") : (configuration["Gateway:Listen"], "Gateway:Listen");
        if (!HasValue(value))
            return ListenAddress.Loopback;
        if (ListenAddress.Parse(value!) is not { } address)
        {
            _problems.Add($"{option}: '{value}' is not an address of this machine; give an IP address, 'any' for all of them, or 'localhost'.");
            return ListenAddress.Loopback;
        }

        if (ListenAddress.IsLoopback(address))
            return address;
        if (!HasValue(configuration["Https:Enabled"]))
            _problems.Add($"{option}: passwords and keys would cross the network in plain text. Add --Https:Enabled=true (with Https:CertificatePath), or --Https:Enabled=false when a proxy of yours in front serves HTTPS.");
        if (!configuration.GetSection("Gateway:AllowedHosts").GetChildren().Any())
            _problems.Add($"{option}: say under which names Jarvis is called, such as --Gateway:AllowedHosts:0=jarvis.example.com; others are refused.");
        return address;
    }

    string? PostgresBin()
    {
        if (NullIfEmpty(configuration["Embedded:PostgresBin"]) is not { } value || FullPath(value, "Embedded:PostgresBin") is not { } path)
            return null;
        if (!Directory.Exists(path))
            _problems.Add($"Embedded:PostgresBin: there is no folder {path}.");
        return path;
    }

    int? Integer(string? value, string option, int maximum = 65_535)
    {
        if (!HasValue(value))
            return null;
        if (int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= 1 && number <= maximum)
            return number;
        _problems.Add($"{option}: '{value}' is not a number from 1 to {maximum}.");
        return null;
    }

    bool Switch(string key)
    {
        var value = configuration[key];
        if (!HasValue(value))
            return false;
        if (bool.TryParse(value, out var on))
            return on;
        _problems.Add($"{key}: '{value}' is neither true nor false.");
        return false;
    }

    string? Url(string? value, string option)
    {
        if (!HasValue(value))
            return null;
        if (Uri.TryCreate(value, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https")
            return value;
        _problems.Add($"{option}: '{value}' is not an http or https address.");
        return null;
    }

    string? FullPath(string value, string option)
    {
        try
        {
            return Path.TrimEndingDirectorySeparator(Path.GetFullPath(DefaultFolders.ExpandHome(value), DefaultFolders.Caller(appHostDirectory)));
        }
        catch (Exception error) when (error is ArgumentException or NotSupportedException or PathTooLongException)
        {
            _problems.Add($"{option}: '{value}' is not a path.");
            return null;
        }
    }

    static bool HasValue(string? value) => !string.IsNullOrWhiteSpace(value);

    static string? NullIfEmpty(string? value) => HasValue(value) ? value : null;
}
