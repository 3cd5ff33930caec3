namespace Jarvis.AppHost.Options;

/// <summary>
/// The AppHost's own options, as <c>--name value</c> or <c>--name=value</c>. What has a colon in its name
/// (<c>--Replicas:Catalog=2</c>) is configuration, and a few names belong to Aspire and the generic host; anything else is a mistake.
/// </summary>
sealed class CommandLine
{
    static readonly HashSet<string> Own = new(["library", "port", "listen", "data", "n8n"], StringComparer.OrdinalIgnoreCase);

    static readonly HashSet<string> OfTheHost = new(
        ["environment", "contentRoot", "applicationName", "operation", "publisher", "output-path", "step", "deploy", "log-level", "include-exception-details", "no-build"],
        StringComparer.OrdinalIgnoreCase);

    readonly List<(string Name, string Value)> _values = [];
    readonly List<string> _problems = [];

    public IReadOnlyList<string> Problems => _problems;

    public static CommandLine Parse(IReadOnlyList<string> args)
    {
        var line = new CommandLine();
        for (var i = 0; i < args.Count; i++)
        {
            var (name, value) = Split(args[i]);
            if (name is null)
            {
                line._problems.Add($"'{args[i]}' is not an option; options begin with --.");
                continue;
            }

            if (!Own.Contains(name) && !OfTheHost.Contains(name) && !name.Contains(':', StringComparison.Ordinal))
            {
                line._problems.Add($"--{name} is not an option of Jarvis.");
                if (value is null && i + 1 < args.Count && Split(args[i + 1]).Name is null)
                    i++;
                continue;
            }

            if (value is null && i + 1 < args.Count && Split(args[i + 1]).Name is null)
                value = args[++i];
            if (Own.Contains(name) && string.IsNullOrWhiteSpace(value))
                line._problems.Add($"--{name} needs a value.");
            else if (value is not null)
                line._values.Add((name, value));
        }

        return line;
    }

    public IReadOnlyList<string> All(string name) => [.. _values.Where(entry => string.Equals(entry.Name, name, StringComparison.OrdinalIgnoreCase)).Select(entry => entry.Value)];

    public string? Last(string name) => All(name) is [.., var last] ? last : null;

    static (string? Name, string? Value) Split(string arg)
    {
        if (!arg.StartsWith("--", StringComparison.Ordinal) || arg.Length < 3)
            return (null, null);
        var equals = arg.IndexOf('=', StringComparison.Ordinal);
        return equals < 0 ? (arg[2..], null) : (arg[2..equals], arg[(equals + 1)..]);
    }
}
