using System.Collections.Concurrent;
using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml;
using System.Xml.Linq;

namespace Jarvis.ServiceDefaults.OpenApi;

/// <summary>What the code says of its types, from the documentation files beside the assemblies: one text for the source and for the API description.</summary>
internal static partial class XmlDocs
{
    private static readonly ConcurrentDictionary<Assembly, IReadOnlyDictionary<string, XElement>> Files = new();

    public static string? Of(Type type) => Member(type, $"T:{NameOf(type)}")?.Element("summary") is { } summary ? Text(summary) : null;

    /// <summary>The summary of a property, or the words for the parameter of a record that it comes from.</summary>
    public static string? Of(PropertyInfo property)
    {
        var type = property.DeclaringType!;
        var own = Member(type, $"P:{NameOf(type)}.{property.Name}")?.Element("summary")
            ?? Member(type, $"T:{NameOf(type)}")?.Elements("param").FirstOrDefault(each => each.Attribute("name")?.Value == property.Name);
        return own is null ? null : Text(own);
    }

    private static XElement? Member(Type type, string name) => Files.GetOrAdd(type.Assembly, Read).GetValueOrDefault(name);

    private static string NameOf(Type type) => ((type.IsGenericType ? type.GetGenericTypeDefinition() : type).FullName ?? type.Name).Replace('+', '.');

    private static Dictionary<string, XElement> Read(Assembly assembly)
    {
        var file = Path.Combine(AppContext.BaseDirectory, $"{assembly.GetName().Name}.xml");
        if (assembly.GetName().Name?.StartsWith("Jarvis.", StringComparison.Ordinal) != true || !File.Exists(file))
            return [];
        using var reader = XmlReader.Create(file, new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit });
        return XDocument.Load(reader).Descendants("member").ToDictionary(member => member.Attribute("name")!.Value, StringComparer.Ordinal);
    }

    private static string? Text(XElement element)
    {
        var text = string.Concat(element.Nodes().Select(node => node switch
        {
            XElement { Name.LocalName: "c" } code => $"`{code.Value}`",
            XElement { Name.LocalName: "see" or "paramref" } see => Reference(see),
            XElement other => other.Value,
            XText words => words.Value,
            _ => "",
        }));
        return Blanks().Replace(text, " ").Trim() is { Length: > 0 } trimmed ? trimmed : null;
    }

    private static string Reference(XElement see)
    {
        var name = (see.Attribute("cref") ?? see.Attribute("name") ?? see.Attribute("langword"))?.Value.Split('.', ':')[^1] ?? "";
        return $"`{System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(name)}`";
    }

    [GeneratedRegex(@"\s+", RegexOptions.None, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Blanks();
}
