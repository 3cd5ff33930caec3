namespace Jarvis.ServiceDefaults.Security;

/// <summary>What an account may do; each role has all rights of those before it.</summary>
public enum Role
{
    /// <summary>Reads.</summary>
    Viewer = 1,

    /// <summary>Runs and makes things.</summary>
    Operator = 2,

    /// <summary>Accounts, circuits, caches, the audit log.</summary>
    Admin = 3,
}

public static class RoleNames
{
    public const string Viewer = "viewer";
    public const string Operator = "operator";
    public const string Admin = "admin";

    public static readonly IReadOnlyList<string> All = [Viewer, Operator, Admin];

    public static string Name(this Role role) => role switch
    {
        Role.Viewer => Viewer,
        Role.Operator => Operator,
        _ => Admin,
    };

    /// <summary>The role called so, exactly; null when there is none.</summary>
    public static Role? Parse(string? name) => name switch
    {
        Viewer => Role.Viewer,
        Operator => Role.Operator,
        Admin => Role.Admin,
        _ => null,
    };
}
