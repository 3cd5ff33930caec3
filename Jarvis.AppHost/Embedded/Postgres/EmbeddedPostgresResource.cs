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

    /// <summary>
    /// Where the server is, for whoever signs in. Nobody who only listens there is told a password: nothing but SCRAM is taken.
    /// </summary>
    public ReferenceExpression Address => ReferenceExpression.Create(
        $"Host={Tcp.Property(EndpointProperty.IPV4Host)};Port={Tcp.Property(EndpointProperty.Port)};Require Auth=ScramSHA256");

    /// <summary>The superuser's. No service gets it.</summary>
    public ReferenceExpression ConnectionStringExpression =>
        ReferenceExpression.Create($"{Address};Username={UserName};Password={Password}");

    internal string? PasswordValue { get; set; }

    /// <summary>Where the data lie (PGDATA).</summary>
    internal string? DataFolder { get; set; }

    /// <summary>The user id that its socket belongs to; null where the system has none.</summary>
    internal int? ListenerId { get; set; }

    /// <summary>Keeps the port from others until the process is about to start.</summary>
    internal FreePort? Reservation { get; set; }

    internal IReadOnlyList<string> Arguments { get; set; } = [];
}
