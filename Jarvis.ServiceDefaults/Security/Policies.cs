namespace Jarvis.ServiceDefaults.Security;

/// <summary>
/// Who may call a route: the names of the authorization policies. Each route has one of them, or says <c>AllowAnonymous</c>; a route that forgot is for admins
/// only, and fails the tests.
/// </summary>
public static class Policies
{
    public const string Viewer = RoleNames.Viewer;
    public const string Operator = RoleNames.Operator;
    public const string Admin = RoleNames.Admin;

    /// <summary>Operators, and API keys that have only <see cref="Scopes.TelemetryWrite"/>.</summary>
    public const string TelemetryWrite = "telemetry-write";

    /// <summary>Anybody who is signed in, whatever the role.</summary>
    public const string SignedIn = "signed-in";

    /// <summary>Only other services of Jarvis.</summary>
    public const string Service = "service";

    public static readonly IReadOnlyList<string> All = [Viewer, Operator, Admin, TelemetryWrite, SignedIn, Service];
}
