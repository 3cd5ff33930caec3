namespace Jarvis.AppHost.Databases;

/// <summary>A role of PostgreSQL that a service signs in as; <c>eng/roles.sql</c> makes it and says what it may.</summary>
/// <param name="Name">As PostgreSQL knows it.</param>
/// <param name="ConnectionName">The connection string with which a user gives a service this role at a server of their own.</param>
sealed record DatabaseRole(string Name, string ConnectionName)
{
    public static readonly DatabaseRole Catalog = new("jarvis_catalog", "jarvisdb_catalog");

    public static readonly DatabaseRole Workflows = new("jarvis_workflows", "jarvisdb_workflows");

    public static readonly DatabaseRole Telemetry = new("jarvis_telemetry", "jarvisdb_telemetry");

    /// <summary>The gateway at work: it reads and writes rows, and may only add to the audit log.</summary>
    public static readonly DatabaseRole Identity = new("jarvis_identity", "jarvisdb_identity");

    /// <summary>Owner of what the gateway works with; its migrations alone sign in as this one.</summary>
    public static readonly DatabaseRole IdentityOwner = new("jarvis_identity_owner", "jarvisdb_identity_owner");

    public static IReadOnlyList<DatabaseRole> All => [Catalog, Workflows, Telemetry, Identity, IdentityOwner];
}
