namespace Jarvis.AppHost.Embedded.Redis;

/// <summary>Redis, Valkey or Garnet as a plain process on loopback. Its command is known once it has been prepared.</summary>
sealed class EmbeddedRedisResource : ExecutableResource, IResourceWithConnectionString
{
    public const string TcpEndpoint = "tcp";

    public EmbeddedRedisResource(string name, string directory) : base(name, "redis-server", directory) =>
        Password = new ParameterResource($"{name}-password", _ => PasswordValue ?? throw new InvalidOperationException($"{name} has not been prepared."), secret: true);

    public EndpointReference Tcp => field ??= new EndpointReference(this, TcpEndpoint);

    public ParameterResource Password { get; }

    public ReferenceExpression ConnectionStringExpression => ReferenceExpression.Create(
        $"{Tcp.Property(EndpointProperty.IPV4Host)}:{Tcp.Property(EndpointProperty.Port)},password={Password}");

    internal string? PasswordValue { get; set; }

    /// <summary>Keeps the port from others until the process is about to start.</summary>
    internal FreePort? Reservation { get; set; }

    internal IReadOnlyList<string> Arguments { get; set; } = [];
}
