using System.Collections.Frozen;
using Jarvis.ServiceDefaults.Security;

namespace Jarvis.Gateway.Realtime;

/// <summary>What a client can subscribe to, and who may. An event's topic is its type; an event of another type goes to nobody.</summary>
internal static class Topics
{
    public const string Heartbeat = "heartbeat";

    private static readonly FrozenDictionary<string, Role> Roles = new Dictionary<string, Role>(StringComparer.Ordinal)
    {
        [Heartbeat] = Role.Viewer,
        ["task"] = Role.Viewer,
        ["workflow"] = Role.Viewer,
        ["catalog"] = Role.Viewer,
        ["circuit"] = Role.Operator,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    public static IReadOnlyList<string> All { get; } = [.. Roles.Keys.Order(StringComparer.Ordinal)];

    public static bool Exists(string topic) => Roles.ContainsKey(topic);

    public static Role RoleFor(string topic) => Roles[topic];
}
