using Microsoft.Extensions.Configuration;

namespace Jarvis.AppHost.Options;

/// <summary>Settings of the gateway that may be given to the AppHost, on its command line too; the gateway knows and checks them.</summary>
static class GatewaySettings
{
    // What the AppHost itself gives, or reads.
    static readonly string[] Own = ["Gateway:Port", "Gateway:Listen", "Auth:Secret", "Auth:SetupToken"];
    static readonly string[] Sections = ["Gateway", "Auth", "Audit", "Mail", "Limits", "WebSockets", "Https", "Health", "HotCache"];

    public static IReadOnlyDictionary<string, string> Read(IConfiguration configuration)
    {
        var settings = Sections.SelectMany(section => configuration.GetSection(section).AsEnumerable())
            .Where(setting => !string.IsNullOrEmpty(setting.Value) && !Own.Contains(setting.Key, StringComparer.OrdinalIgnoreCase))
            .ToDictionary(setting => setting.Key, setting => setting.Value!, StringComparer.OrdinalIgnoreCase);
        Add("Auth:Admin:Email", "Parameters:adminemail");
        Add("Auth:Admin:Password", "Parameters:adminpassword");
        return settings;

        void Add(string key, string parameter)
        {
            if (!string.IsNullOrWhiteSpace(configuration[parameter]))
                settings[key] = configuration[parameter]!;
        }
    }
}
