using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.ApplicationModel
{
    public class RedisResource(string name) : ContainerResource(name), IResourceWithConnectionString
    {
        public RedisResource(string name, ParameterResource password) : this(name) => PasswordParameter = password;

        public EndpointReference PrimaryEndpoint => field ??= new EndpointReference(this, "tcp");
        public ParameterResource? PasswordParameter { get; }

        public ReferenceExpression ConnectionStringExpression => PasswordParameter is { } password
            ? ReferenceExpression.Create($"{PrimaryEndpoint.Property(EndpointProperty.HostAndPort)},password={password}")
            : ReferenceExpression.Create($"{PrimaryEndpoint.Property(EndpointProperty.HostAndPort)}");
    }
}

namespace Aspire.Hosting
{
    public static class RedisBuilderExtensions
    {
        public static IResourceBuilder<RedisResource> AddRedis(this IDistributedApplicationBuilder builder, [ResourceName] string name, int? port) =>
            builder.AddRedis(name, port, password: null);

        public static IResourceBuilder<RedisResource> AddRedis(this IDistributedApplicationBuilder builder, [ResourceName] string name, int? port = null, IResourceBuilder<ParameterResource>? password = null) =>
            builder.AddResource(password is null ? new RedisResource(name) : new RedisResource(name, password.Resource))
                .WithEndpoint(port, targetPort: 6379, name: "tcp");

        public static IResourceBuilder<RedisResource> WithDataVolume(this IResourceBuilder<RedisResource> builder, string? name = null, bool isReadOnly = false) =>
            builder;
    }
}
