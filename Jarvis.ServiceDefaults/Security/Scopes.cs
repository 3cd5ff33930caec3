namespace Jarvis.ServiceDefaults.Security;

/// <summary>What an API key is for. A key never may do more than its account.</summary>
public static class Scopes
{
    /// <summary>All that a viewer may.</summary>
    public const string Read = "read";

    /// <summary>All that an operator may.</summary>
    public const string Run = "run";

    /// <summary>All that an admin may.</summary>
    public const string Admin = "admin";

    /// <summary>Only sending metrics and spans.</summary>
    public const string TelemetryWrite = "telemetry:write";

    public static readonly IReadOnlyList<string> All = [Read, Run, Admin, TelemetryWrite];

    /// <summary>Those of <paramref name="scopes"/> that an account with <paramref name="role"/> may give away (still).</summary>
    public static IReadOnlyList<string> Of(IReadOnlyList<string> scopes, Role role) =>
        role >= Role.Operator ? scopes : [.. scopes.Where(scope => scope != TelemetryWrite)];

    /// <summary>The role that <paramref name="scopes"/> give to a key of an account with <paramref name="role"/>; null when they give none.</summary>
    public static Role? RoleOf(IReadOnlyCollection<string> scopes, Role role)
    {
        Role? given = scopes.Contains(Admin, StringComparer.Ordinal) ? Role.Admin
            : scopes.Contains(Run, StringComparer.Ordinal) ? Role.Operator
            : scopes.Contains(Read, StringComparer.Ordinal) ? Role.Viewer
            : null;
        return given > role ? role : given;
    }
}
