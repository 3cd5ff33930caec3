using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Jarvis.Catalog.Formats;

/// <summary>
/// YAML as strings, lists and mappings, built from the parser's events without recursion, so that neither deep nesting nor aliases
/// that multiply can hurt: depth, nodes and aliases are bounded, beyond them the text counts as not YAML.
/// </summary>
public static class YamlTree
{
    private const int MaxDepth = 16;
    private const int MaxNodes = 5_000;

    /// <summary>The document's value; null when there is none.</summary>
    /// <exception cref="YamlException">It is not YAML, or not within the bounds.</exception>
    public static object? Parse(string text)
    {
        try
        {
            return Read(text);
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException or FormatException or OverflowException
            or IndexOutOfRangeException or NullReferenceException or InvalidCastException)
        {
            // The parser's own slips on texts that nobody would write.
            throw new YamlException("The text cannot be read.", exception);
        }
    }

    private static object? Read(string text)
    {
        var parser = new Parser(new StringReader(text));
        var open = new Stack<(object Node, string? Key)>();
        object? root = null;
        for (var nodes = 0; parser.MoveNext(); nodes++)
        {
            var current = parser.Current!;
            if (nodes > MaxNodes || open.Count > MaxDepth)
                throw new YamlException(current.Start, current.End, "Too large or too deep.");
            switch (current)
            {
                case Scalar scalar:
                    Add(scalar.Value);
                    break;
                case SequenceStart:
                    open.Push((new List<object?>(), null));
                    break;
                case MappingStart:
                    open.Push((new Dictionary<string, object?>(StringComparer.OrdinalIgnoreCase), null));
                    break;
                case SequenceEnd or MappingEnd:
                    Add(open.Pop().Node);
                    break;
                case AnchorAlias:
                    throw new YamlException(current.Start, current.End, "Aliases are not read.");
            }
        }

        return root;

        void Add(object? value)
        {
            if (!open.TryPeek(out var top))
                root = value;
            else if (top.Node is List<object?> list)
                list.Add(value);
            else if (top.Key is null)
                SetKey(value as string ?? "");
            else
            {
                // YAML 1.2, 3.2.1.3: keys are unique. Claude Code's reader refuses the text too.
                if (!((Dictionary<string, object?>)top.Node).TryAdd(top.Key, value))
                    throw new YamlException(parser.Current!.Start, parser.Current.End, $"The key '{top.Key}' stands there twice.");
                SetKey(null);
            }
        }

        void SetKey(string? key)
        {
            var (node, _) = open.Pop();
            open.Push((node, key));
        }
    }
}
