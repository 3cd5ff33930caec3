using System.Text.Json;
using Jarvis.Catalog.Diagnostics;
using Jarvis.Catalog.Resources;

namespace Jarvis.Catalog.Formats;

/// <summary>
/// <c>server.json</c> of the MCP registry (https://static.modelcontextprotocol.io/schemas/): the schema of 2025-07-09 with <c>snake_case</c> names and
/// those since 2025-09-16 with <c>camelCase</c> ones, alone, as <c>{"server": …}</c> or as the registry's list. One file gives one server, whose packages
/// and remotes are its transports.
/// </summary>
public static class McpRegistryFormat
{
    private const int MaxTransports = 50;
    private const int MaxServers = 500;

    /// <summary>False when the file is something else.</summary>
    public static bool TryRead(FileReading file, JsonFile json)
    {
        var root = json.Root;
        var servers = (root.Member("servers") is { ValueKind: JsonValueKind.Array } ? root.Items("servers") : [root])
            .Select(item => item.Member("server") is { ValueKind: JsonValueKind.Object } inner ? inner : item).Where(IsServer).Take(MaxServers).ToList();
        foreach (var server in servers)
        {
            file.NextResource();
            Add(file, server, json.LineOf(server));
        }

        return servers.Count > 0;
    }

    private static bool IsServer(JsonElement json) =>
        json.ValueKind == JsonValueKind.Object && (json.Text("$schema")?.Contains("modelcontextprotocol.io/schemas", StringComparison.Ordinal) == true
            || json.Items("packages").Any(package => Either(package, "registryType", "registry_type") is not null || package.Text("registry_name") is not null)
            || (json.Text("name") is not null && json.Items("remotes").Any(remote => remote.Text("url") is not null && (remote.Text("type") ?? remote.Text("transport_type")) is not null)));

    private static void Add(FileReading file, JsonElement json, int? line)
    {
        var mask = new SecretMask();
        var name = json.Text("name");
        if (name is null)
            file.Note(ResourceKind.McpServer, DiagnosticState.Degraded, "name_missing", "The server has no name; it was taken from the file.", "Add \"name\" to it.", line);
        var ways = json.Items("packages").Select(package => Package(package, mask)).Concat(json.Items("remotes").Select(remote => Remote(remote, mask))).OfType<McpTransport>().Take(MaxTransports).ToList();
        if (ways is not [var first, ..])
        {
            file.Note(ResourceKind.McpServer, DiagnosticState.Rejected, "server_incomplete", $"The server '{McpServerReader.Shorten(name ?? file.Stem)}' has neither a package nor a remote.",
                "Add one of them.", line);
            return;
        }

        var server = new McpServer
        {
            Name = name is null ? file.Stem : mask.Text(name, prose: true),
            Description = McpServerReader.Description(mask.Text(json.Text("description") ?? first.Package?.Identifier ?? first.Url ?? "", prose: true)),
            Title = json.Text("title") is { } title ? mask.Text(title, prose: true) : null,
            Version = (json.Text("version") ?? json.Member("version_detail")?.Text("version")) is { } version ? mask.Text(version) : null,
            Repository = json.Member("repository")?.Text("url") is { } repository ? mask.Url(repository) : null,
            Transport = first.Type,
            Command = first.Command,
            Args = first.Args,
            Env = first.Env,
            Url = first.Url,
            Headers = first.Headers,
            Transports = ways,
        };
        McpServerReader.Keep(file, server, mask, line);
    }

    private static McpTransport? Package(JsonElement json, SecretMask mask)
    {
        if ((json.Text("identifier") ?? json.Text("name")) is not { } identifier)
            return null;
        var registry = Either(json, "registryType", "registry_type") ?? json.Text("registry_name") ?? "";
        var package = new McpPackage(mask.Text(registry), mask.Text(identifier), json.Text("version") is { } version ? mask.Text(version) : null);
        var transport = json.Member("transport") ?? default;
        var env = Named(json, mask, "environmentVariables", "environment_variables");
        List<string> runtime = [.. Arguments(json, mask, "runtimeArguments", "runtime_arguments")];
        var (command, args) = Run(package, Either(json, "runtimeHint", "runtime_hint"), runtime, [.. Arguments(json, mask, "packageArguments", "package_arguments")], env.Keys);
        return new(McpTransports.Of(transport.Text("type"), hasCommand: true), package, command is null ? null : mask.Text(command), args, env,
            transport.Text("url") is { } url ? mask.Url(url) : null, Named(transport, mask, "headers", "headers"));
    }

    private static McpTransport? Remote(JsonElement json, SecretMask mask) => json.Text("url") is not { } url ? null
        : new(McpTransports.Of(json.Text("type") ?? json.Text("transport_type") ?? json.Text("transport"), hasCommand: false), null, null, [], McpServer.Nothing, mask.Url(url),
            Named(json, mask, "headers", "headers"));

    /// <summary>The command that the registry's documentation gives for each kind of package.</summary>
    private static (string? Command, IReadOnlyList<string> Args) Run(
        McpPackage package, string? hint, List<string> runtime, List<string> args, IEnumerable<string> variables)
    {
        var (id, version) = (package.Identifier, package.Version);
        var at = version is null ? id : $"{id}@{version}";
        return package.RegistryType switch
        {
            "npm" => (hint ?? "npx", [.. runtime.Count > 0 ? runtime : ["-y"], at, .. args]),
            "pypi" => (hint ?? "uvx", [.. runtime, at, .. args]),
            "nuget" => (hint ?? "dnx", [.. runtime, at, "--yes", .. args.Count > 0 ? ["--", .. args] : args]),
            "oci" or "docker" or "docker-hub" => (hint ?? "docker", ["run", "-i", "--rm", .. variables.SelectMany(name => (string[])["-e", name]), .. runtime,
                version is null || id.LastIndexOf(':') > id.LastIndexOf('/') ? id : $"{id}:{version}", .. args]),
            _ => (hint, [.. runtime, .. args]),
        };
    }

    // A value that the file leaves open is a reference to a variable of the same name.
    private static IReadOnlyDictionary<string, string> Named(JsonElement json, SecretMask mask, string name, string oldName)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var item in json.Items(name).Concat(name == oldName ? [] : json.Items(oldName)))
        {
            if (item.Text("name") is { } key)
                values[mask.Name(key)] = Value(item, key, mask) ?? $"${{{mask.Name(key)}}}";
        }

        return values.Count == 0 ? McpServer.Nothing : values;
    }

    private static IEnumerable<string> Arguments(JsonElement json, SecretMask mask, string name, string oldName)
    {
        foreach (var item in json.Items(name).Concat(json.Items(oldName)))
        {
            var option = item.Text("type") == "named" ? item.Text("name") : null;
            var hint = Either(item, "valueHint", "value_hint") ?? option?.TrimStart('-') ?? "value";
            var value = Value(item, option ?? hint, mask);
            if (option is not null)
                yield return mask.Text(option);
            // A switch has no value at all.
            if (value is not null || option is null || item.Flag("isRequired") || item.Flag("is_required"))
                yield return value ?? $"${{{mask.Name(hint)}}}";
        }
    }

    private static string? Value(JsonElement item, string name, SecretMask mask)
    {
        if ((item.Member("value") ?? item.Member("default")) is not { ValueKind: not JsonValueKind.Null } given)
            return null;
        var value = given.ToString();
        if (item.Flag("isSecret") || item.Flag("is_secret"))
            return mask.Secret(value);
        // "-e" with "TOKEN=…" and "--header" with "Authorization: …" are arguments of arguments. Else a published value is public unless it looks secret.
        return SecretWords.Speak(name) ? mask.Secret(value) : name.StartsWith('-') ? ArgumentMask.Of([name, value], mask)[1] : mask.Text(value);
    }

    private static string? Either(JsonElement json, string name, string oldName) => json.Text(name) ?? json.Text(oldName);
}
