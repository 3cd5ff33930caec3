namespace Jarvis.AppHost.Embedded.Postgres;

/// <summary>PostgreSQL as a plain process on loopback. Its command and folder are known once it has been prepared.</summary>
sealed class EmbeddedPostgresResource : ExecutableResource, IResourceWithConnectionString
{
    public const string UserName = "postgres";
    public const string TcpEndpoint = "tcp";

    public EmbeddedPostgresResource(string name, string directory) : base(name, "postgres", directory) =>
        Password = new ParameterResource($"{name}-password", _ => PasswordValue ?? throw new InvalidOperationException($"{name} has not been prepared."), secret: true);

    public EndpointReference Tcp => field ??= new EndpointReference(this, TcpEndpoint);

    public ParameterResource Password { get; }

    /// <summary>Names of the databases that are made when they are missing.</summary>
    public IList<string> Databases { get; } = [];

    public ReferenceExpression ConnectionStringExpression => ReferenceExpression.Create(
        $"Host={Tcp.Property(EndpointProperty.IPV4Host)};Port={Tcp.Property(EndpointProperty.Port)};Username={UserName};Password={Password}");

    internal string? PasswordValue { get; set; }

    /// <summary>Where the data lie (PGDATA).</summary>
    internal string? DataFolder { get; set; }

    internal IReadOnlyList<string> Arguments { get; set; } = [];
}
