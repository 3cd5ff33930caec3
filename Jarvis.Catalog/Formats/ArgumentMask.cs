using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Jarvis.Catalog.Formats;

/// <summary>Hides secrets in a command's arguments: behind or within an option that speaks of one, in headers and variables that are handed on, in inline JSON.</summary>
public static partial class ArgumentMask
{
    private enum Next
    {
        Anything,
        Secret,
        Variable,
        Header,
        User,
        Password,
    }

    /// <summary>The arguments as they may be shown, one for one.</summary>
    public static IReadOnlyList<string> Of(IReadOnlyList<string> arguments, SecretMask mask)
    {
        var masked = new List<string>(arguments.Count);
        var next = Next.Anything;
        foreach (var argument in arguments)
        {
            masked.Add(next switch
            {
                Next.Secret when !IsOption(argument) => mask.Value("secret", argument),
                Next.Variable when !IsOption(argument) => Variable(argument, mask),
                Next.Header when !IsOption(argument) => Header(argument, mask),
                Next.User when argument.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon =>
                    $"{mask.Text(argument[..(colon + 1)])}{(argument[(colon + 1)..].All(char.IsAsciiDigit) ? argument[(colon + 1)..] : mask.Value("secret", argument[(colon + 1)..]))}",
                Next.Password when !IsOption(argument) => Password(argument, mask),
                _ => One(argument, mask),
            });
            next = After(argument);
        }

        return masked;
    }

    private static Next After(string argument) => argument switch
    {
        "-e" or "--env" or "--environment" or "--build-arg" => Next.Variable,
        "-H" or "--header" or "--headers" or "--http-header" => Next.Header,
        "-u" or "--user" or "--proxy-user" => Next.User,
        "-p" => Next.Password,
        _ when argument.StartsWith('-') && !argument.Contains('=', StringComparison.Ordinal) && SecretWords.Speak(argument) => Next.Secret,
        _ => Next.Anything,
    };

    private static string One(string argument, SecretMask mask)
    {
        if (Json(argument, mask) is { } json)
            return json;
        if (Attached().Match(argument) is { Success: true } attached)
        {
            var (head, rest) = (attached.Groups["head"].Value, attached.Groups["rest"].Value);
            return head + (head.Contains('H', StringComparison.Ordinal) || head.Contains("header", StringComparison.Ordinal) ? Header(rest, mask) : Variable(rest, mask));
        }

        if (Pair().Match(argument) is { Success: true } pair)
        {
            var (name, value) = (pair.Groups["name"].Value, pair.Groups["value"].Value);
            if (SecretWords.Speak(name))
                return pair.Groups["head"].Value + mask.Value(name, value);
            if (pair.Groups["head"].Value.EndsWith('=') && Json(value, mask) is { } inner)
                return pair.Groups["head"].Value + inner;
        }

        var text = mask.Text(argument);
        text = ShortPassword().Replace(text, match => match.Groups["head"].Value + Password(match.Groups["value"].Value, mask));
        return text.Contains("password-stdin", StringComparison.Ordinal) ? Piped().Replace(text, match => $"{match.Groups["head"].Value}{mask.Value("secret", match.Groups["value"].Value)}") : text;
    }

    // Behind -p stand ports, packages, profiles and paths, too; the rest is taken for a password.
    private static string Password(string value, SecretMask mask) => Harmless().IsMatch(value) ? mask.Text(value) : mask.Value("secret", value);

    // NAME alone is handed on from the environment.
    private static string Variable(string pair, SecretMask mask)
    {
        var equals = pair.IndexOf('=', StringComparison.Ordinal);
        return equals < 0 ? mask.Text(pair) : $"{mask.Name(pair[..equals])}={mask.Value(pair[..equals], pair[(equals + 1)..])}";
    }

    private static string Header(string header, SecretMask mask)
    {
        if (HeaderLine().Match(header) is not { Success: true } line)
            return Json(header, mask) ?? mask.Value("secret", header);
        return mask.Name(line.Groups["head"].Value) + mask.Value(line.Groups["name"].Value, line.Groups["value"].Value);
    }

    private static string? Json(string text, SecretMask mask)
    {
        if (text.TrimStart() is not ['{' or '[', ..])
            return null;
        try
        {
            var node = JsonNode.Parse(text, documentOptions: JsonText.Lenient);
            return Masked(node, name: "", speaks: false, mask)?.ToJsonString(McpContent.Readable);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or ArgumentException)
        {
            // Braces, but no JSON, or a name that stands twice in it.
            return null;
        }
    }

    private static JsonNode? Masked(JsonNode? node, string name, bool speaks, SecretMask mask) => node switch
    {
        JsonObject map => new JsonObject(map.Select(pair => KeyValuePair.Create(mask.Name(pair.Key), Masked(pair.Value, pair.Key, speaks || SecretWords.Speak(pair.Key), mask)))),
        JsonArray list => new JsonArray([.. list.Select(item => Masked(item, name, speaks, mask))]),
        JsonValue value when value.GetValueKind() == JsonValueKind.String => speaks ? mask.Value("secret", value.GetValue<string>()) : mask.Text(value.GetValue<string>()),
        JsonValue value when speaks && value.GetValueKind() == JsonValueKind.Number => mask.Hide(),
        null => null,
        _ => node.DeepClone(),
    };

    // What looks like --name or -n; a key may begin with a hyphen too, but then has capitals or digits.
    private static bool IsOption(string argument) => Switch().IsMatch(argument);

    [GeneratedRegex(@"^([0-9:.-]+(/(tcp|udp))?|[A-Za-z][A-Za-z_-]{0,30}|[@./~$].*|[a-z0-9-]+/[\w@./-]+)$", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex Harmless();

    [GeneratedRegex(@"(?<head>(^|\s)-p ?)(?<value>[^\s'""]{4,})", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex ShortPassword();

    [GeneratedRegex(@"(?<head>\b(echo|printf)\s+(-n\s+)?)(?<value>[^\s|]+)", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex Piped();

    [GeneratedRegex(@"^(-[A-Za-z]|--[a-z][a-z-]*(=.*)?)$", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture | RegexOptions.Singleline)]
    private static partial Regex Switch();

    [GeneratedRegex(@"^(?<head>-e|--env=|--build-arg=|-H|--header=|--headers=)(?<rest>[A-Za-z_][A-Za-z0-9_-]*[=:].*)$", RegexOptions.NonBacktracking | RegexOptions.Singleline)]
    private static partial Regex Attached();

    [GeneratedRegex(@"^(?<head>(?<name>-{0,2}[A-Za-z_][A-Za-z0-9_.-]*)(=|: ?))(?<value>[^/].*)$", RegexOptions.NonBacktracking | RegexOptions.Singleline | RegexOptions.ExplicitCapture)]
    private static partial Regex Pair();

    [GeneratedRegex(@"^(?<head>(?<name>[A-Za-z_][A-Za-z0-9_-]*)\s*[:=]\s*)(?<value>.*)$", RegexOptions.NonBacktracking | RegexOptions.Singleline)]
    private static partial Regex HeaderLine();
}
