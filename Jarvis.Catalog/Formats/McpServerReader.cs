using System.Text.Json;
using Jarvis.Catalog.Diagnostics;
using Jarvis.Catalog.Resources;

namespace Jarvis.Catalog.Formats;

/// <summary>Makes one configured server a resource. Fields that are not known are never served: nobody can tell what they hold.</summary>
public static class McpServerReader
{
    private const int MaxDescription = 1_000;

    public static void Add(FileReading file, GivenServer given)
    {
        var (json, mask) = (given.Json, new SecretMask());
        var name = mask.Text(given.Name.Trim(), prose: true);
        var (command, args) = Command(json);
        var url = json.Text("url") ?? json.Text("serverUrl") ?? json.Text("httpUrl");
        if (name.Length == 0 || (command is null && url is null))
        {
            file.Note(ResourceKind.McpServer, DiagnosticState.Rejected, "server_incomplete",
                name.Length == 0 ? "A server has no name." : $"The server '{Shorten(name)}' has neither a command nor a url.", name.Length == 0 ? "Give it one." : "Add one of them.", given.Line);
            return;
        }

        var said = McpTransports.Given(json);
        var transport = McpTransports.Of(said, command is not null);
        if (!McpTransports.IsKnown(transport))
        {
            transport = mask.Text(transport);
            file.Note(ResourceKind.McpServer, DiagnosticState.Degraded, "transport_unknown", $"The server '{Shorten(name)}' has a transport that is none of stdio, http, sse and streamable-http.",
                "Use one of them.", given.Line);
        }
        else if ((transport == "stdio" ? command : url) is null)
        {
            file.Note(ResourceKind.McpServer, DiagnosticState.Degraded, "transport_mismatch", $"The server '{Shorten(name)}' says {transport} and has no {(transport == "stdio" ? "command" : "url")}.",
                "Correct its type.", given.Line);
        }

        var server = new McpServer
        {
            Name = name,
            Description = "",
            Transport = transport,
            TransportGiven = said is null || said == transport ? null : mask.Text(said),
            Command = command is null ? null : mask.Text(command),
            Args = ArgumentMask.Of(args, mask),
            Cwd = json.Text("cwd") is { } folder ? mask.Text(folder) : null,
            Env = Values(json, "env", mask),
            Url = url is null ? null : mask.Url(url),
            Headers = Values(json, "headers", mask),
            Disabled = json.Flag("disabled") || json.Member("enabled") is { ValueKind: JsonValueKind.False },
            Scope = given.Scope,
            Project = given.Project,
        };
        server = server with { Description = Description(json.Text("description") is { } said2 ? mask.Text(said2, prose: true) : server.Command is null ? server.Url! : string.Join(' ', [server.Command, .. server.Args])) };
        Keep(file, server, mask, given.Line);
    }

    /// <summary>Adds the server, with a note when something of it was hidden.</summary>
    public static void Keep(FileReading file, McpServer server, SecretMask mask, int? line)
    {
        if (mask.Count > 0)
        {
            file.Note(ResourceKind.McpServer, DiagnosticState.Ok, "literal_secret",
                $"The server '{Shorten(server.Name)}' has {mask.Count} literal value(s) that may be secret; they are shown as {SecretMask.Shown}.",
                "Write ${NAME} in the file and keep the value in the environment.", line, DiagnosticSeverity.Warning);
        }

        file.Add(server, McpContent.Of(server), "application/json", $"{server.Transport} {server.Description} {string.Join(' ', server.Env.Keys)}");
    }

    public static string Shorten(string name) => name.Length <= 80 ? name : $"{name[..80]}…";

    public static string Description(string text) => text.Length <= MaxDescription ? text : $"{text[..MaxDescription]}…";

    // A list is a command with its arguments, as some clients have it.
    private static (string? Command, IReadOnlyList<string> Args) Command(JsonElement json)
    {
        var args = json.Member("args") is { ValueKind: JsonValueKind.String } line ? [line.GetString()!] : json.Items("args").Select(argument => argument.ToString()).ToList();
        if (json.Member("command") is not { ValueKind: JsonValueKind.Array } list)
            return (json.Text("command"), args);
        var words = list.EnumerateArray().Select(word => word.ToString()).ToList();
        return words is [var command, ..] && command.Length > 0 ? (command, [.. words.Skip(1), .. args]) : (null, args);
    }

    private static IReadOnlyDictionary<string, string> Values(JsonElement json, string name, SecretMask mask)
    {
        if (json.Member(name) is not { ValueKind: JsonValueKind.Object } map)
            return McpServer.Nothing;
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var property in map.EnumerateObject())
            values[mask.Name(property.Name)] = mask.Value(property.Name, property.Value.ToString());
        return values;
    }
}
