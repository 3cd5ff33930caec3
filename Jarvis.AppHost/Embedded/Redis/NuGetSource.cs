using System.Xml;
using System.Xml.Linq;
using Jarvis.AppHost.Data;

namespace Jarvis.AppHost.Embedded.Redis;

/// <summary>
/// One feed that the user's own NuGet configuration names, with what it takes to sign in there. Configurations that lie in folders above
/// the data directory, where others may have put them, are not asked.
/// </summary>
sealed record NuGetSource(string Key, XElement Definition, XElement? Credentials, IReadOnlyList<XElement> Proxies)
{
    const string PublicKey = "nuget.org";
    const string PublicAddress = "https://api.nuget.org/v3/index.json";

    /// <summary>Whether the user allows plain HTTP there.</summary>
    public bool AllowsInsecureConnections => string.Equals(Definition.Attribute("allowInsecureConnections")?.Value, "true",
        StringComparison.OrdinalIgnoreCase);

    /// <summary>All that are switched on; the public feed for a user who has configured nothing.</summary>
    public static IReadOnlyList<NuGetSource> Configured() => Read(UserFiles().Where(File.Exists));

    /// <summary>As <see cref="Configured"/>, of these files; the first that names a feed counts.</summary>
    internal static IReadOnlyList<NuGetSource> Read(IEnumerable<string> files)
    {
        var (sources, disabled, credentials, proxies) = (new Dictionary<string, XElement>(StringComparer.OrdinalIgnoreCase),
            new HashSet<string>(StringComparer.OrdinalIgnoreCase), new List<XElement>(), new List<XElement>());
        foreach (var file in files)
        {
            if (TryLoad(file) is not { } root)
                continue;
            foreach (var add in Adds(root, "packageSources"))
                sources.TryAdd(Attribute(add, "key"), Absolute(add, file));
            disabled.UnionWith(Adds(root, "disabledPackageSources").Where(add => Attribute(add, "value") is "true" or "True")
                .Select(add => Attribute(add, "key")));
            credentials.AddRange(root.Elements("packageSourceCredentials").Elements());
            proxies.AddRange(Adds(root, "config").Where(add =>
                Attribute(add, "key").StartsWith("http_proxy", StringComparison.OrdinalIgnoreCase) || Attribute(add, "key") == "no_proxy"));
        }

        NuGetSource[] enabled = [.. sources.Where(source => !disabled.Contains(source.Key))
            .Select(source => new NuGetSource(source.Key, source.Value, credentials.FirstOrDefault(entry =>
                string.Equals(XmlConvert.DecodeName(entry.Name.LocalName), source.Key, StringComparison.OrdinalIgnoreCase)), proxies))];
        return sources.Count > 0 ? enabled : [new NuGetSource(PublicKey, new XElement("add", new XAttribute("key", PublicKey),
            new XAttribute("value", PublicAddress), new XAttribute("protocolVersion", "3")), null, proxies)];
    }

    /// <summary>
    /// A configuration that knows this feed and no other, for this package and no other. It may hold a password, so it is private.
    /// </summary>
    public void WriteConfiguration(string file, string package) => PrivateFiles.Write(file, new XDocument(new XElement("configuration",
        new XElement("config", Proxies),
        new XElement("packageSources", new XElement("clear"), Definition),
        new XElement("packageSourceMapping", new XElement("clear"), new XElement("packageSource", new XAttribute("key", Key),
            new XElement("package", new XAttribute("pattern", package)))),
        new XElement("disabledPackageSources", new XElement("clear")),
        new XElement("fallbackPackageFolders", new XElement("clear")),
        Credentials is null ? null : new XElement("packageSourceCredentials", Credentials))).ToString());

    static IEnumerable<XElement> Adds(XElement root, string section) =>
        root.Elements(section).Elements("add").Where(add => Attribute(add, "key").Length > 0);

    static string Attribute(XElement element, string name) => element.Attribute(name)?.Value ?? "";

    /// <summary>A folder as a feed may be given relative to its configuration.</summary>
    static XElement Absolute(XElement add, string file)
    {
        var absolute = new XElement(add);
        var value = Attribute(add, "value");
        if (!value.Contains("://", StringComparison.Ordinal) && !value.Contains('%', StringComparison.Ordinal))
            absolute.SetAttributeValue("value", Path.GetFullPath(value, Path.GetDirectoryName(file)!));
        return absolute;
    }

    static XElement? TryLoad(string file)
    {
        try
        {
            return XDocument.Load(file).Root;
        }
        catch (Exception error) when (error is XmlException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>https://learn.microsoft.com/nuget/consume-packages/configuring-nuget-behavior: the user's, then the machine's.</summary>
    static IEnumerable<string> UserFiles()
    {
        var home = Environment.GetEnvironmentVariable("DOTNET_CLI_HOME") is { Length: > 0 } own
            ? own : Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        return OperatingSystem.IsWindows()
            ? [Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.ApplicationData), "NuGet", "NuGet.Config"),
                .. In(Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.ProgramFilesX86), "NuGet", "Config"))]
            : [Path.Combine(home, ".nuget", "NuGet", "NuGet.Config"), .. In(Path.Combine(home, ".nuget", "config")),
                .. In("/etc/opt/NuGet/Config"), .. In("/Library/Application Support")];
    }

    static IEnumerable<string> In(string folder) =>
        Directory.Exists(folder) ? Directory.EnumerateFiles(folder, "*.config").Order(StringComparer.Ordinal) : [];
}
