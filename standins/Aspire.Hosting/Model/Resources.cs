using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.ApplicationModel
{
    public class ExecutableResource : Resource, IResourceWithEnvironment, IResourceWithArgs, IResourceWithEndpoints, IResourceWithWaitSupport, IComputeResource
    {
        public ExecutableResource(string name, string command, string workingDirectory) : base(name) =>
            ((IResource)this).Annotations.Add(new ExecutableAnnotation { Command = command, WorkingDirectory = workingDirectory });

        public string Command => Annotation.Command;
        public string WorkingDirectory => Annotation.WorkingDirectory;

        ExecutableAnnotation Annotation => Annotations.OfType<ExecutableAnnotation>().Last();
    }

    public class ProjectResource(string name) : Resource(name), IResourceWithEnvironment, IResourceWithArgs, IResourceWithServiceDiscovery, IResourceWithWaitSupport, IComputeResource;

    public class ContainerResource(string name, string? entrypoint = null)
        : Resource(name), IResourceWithEnvironment, IResourceWithArgs, IResourceWithEndpoints, IResourceWithWaitSupport, IComputeResource
    {
        public string? Entrypoint { get; set; } = entrypoint;
    }

    public class ParameterResource(string name, Func<ParameterDefault?, string> callback, bool secret = false)
        : Resource(name), IManifestExpressionProvider, IValueProvider
    {
        readonly Lazy<string> _value = new(() => callback(null));

        public ParameterDefault? Default { get; set; }
        public string? Description { get; set; }
        public bool Secret { get; } = secret;
        public bool IsConnectionString { get; set; }
        public string ValueExpression => IsConnectionString ? $"{{{Name}.connectionString}}" : $"{{{Name}.value}}";

        public ValueTask<string?> GetValueAsync(CancellationToken cancellationToken) => new(_value.Value);

        ValueTask<string?> IValueProvider.GetValueAsync(CancellationToken cancellationToken) => GetValueAsync(cancellationToken);
    }

    public abstract class ParameterDefault
    {
        public abstract string GetDefaultValue();
    }

    public interface IResourceWithConnectionString : IResource, IManifestExpressionProvider, IValueProvider, IValueWithReferences
    {
        ReferenceExpression ConnectionStringExpression { get; }

        string? ConnectionStringEnvironmentVariable => null;

        string IManifestExpressionProvider.ValueExpression => $"{{{Name}.connectionString}}";

        IEnumerable<object> IValueWithReferences.References => [ConnectionStringExpression];

        ValueTask<string?> GetConnectionStringAsync(CancellationToken cancellationToken = default) => ConnectionStringExpression.GetValueAsync(cancellationToken);

        ValueTask<string?> IValueProvider.GetValueAsync(CancellationToken cancellationToken) => GetConnectionStringAsync(cancellationToken);

        IEnumerable<KeyValuePair<string, ReferenceExpression>> GetConnectionProperties() => [];
    }

    public class ConnectionStringReference(IResourceWithConnectionString resource, bool optional) : IManifestExpressionProvider, IValueProvider, IValueWithReferences
    {
        public IResourceWithConnectionString Resource { get; } = resource;
        public bool Optional { get; } = optional;

        string IManifestExpressionProvider.ValueExpression => Resource.ValueExpression;

        IEnumerable<object> IValueWithReferences.References => [Resource];

        async ValueTask<string?> IValueProvider.GetValueAsync(CancellationToken cancellationToken)
        {
            var value = await Resource.GetValueAsync(cancellationToken);
            if (string.IsNullOrEmpty(value) && !Optional)
                throw new DistributedApplicationException($"The connection string for the resource '{Resource.Name}' is not available.");
            return value;
        }
    }

    public class DistributedApplicationModel(IResourceCollection resources)
    {
        public DistributedApplicationModel(IEnumerable<IResource> resources) : this(new ResourceCollection(resources))
        {
        }

        public IResourceCollection Resources { get; } = resources;
    }

    sealed class ResourceCollection(IEnumerable<IResource> resources)
        : System.Collections.ObjectModel.Collection<IResource>([.. resources]), IResourceCollection;

    public static class ProjectResourceExtensions
    {
        public static IProjectMetadata GetProjectMetadata(this ProjectResource projectResource) => projectResource.Annotations.OfType<IProjectMetadata>().Single();
    }
}

namespace Aspire.Hosting
{
    public sealed class ConnectionStringResource(string name, ReferenceExpression connectionStringExpression)
        : Resource(name), IResourceWithConnectionString, IResourceWithWaitSupport
    {
        public ReferenceExpression ConnectionStringExpression { get; } = connectionStringExpression;
    }

    /// <summary>What <c>AddConnectionString(name)</c> gives: the value of <c>ConnectionStrings:name</c>.</summary>
    sealed class ConnectionStringParameterResource(string name, Func<ParameterDefault?, string> callback, string? environmentVariableName)
        : ParameterResource(name, callback, secret: true), IResourceWithConnectionString
    {
        public string? ConnectionStringEnvironmentVariable => environmentVariableName;
        public ReferenceExpression ConnectionStringExpression => ReferenceExpression.Create($"{this}");

        ValueTask<string?> IResourceWithConnectionString.GetConnectionStringAsync(CancellationToken cancellationToken) => GetValueAsync(cancellationToken);
    }

    public enum DistributedApplicationOperation
    {
        Run = 0,
        Publish = 1,
    }

    public class DistributedApplicationExecutionContext(DistributedApplicationOperation operation)
    {
        internal IServiceProvider? Provider { get; set; }
        public DistributedApplicationOperation Operation { get; } = operation;
        public bool IsRunMode => Operation == DistributedApplicationOperation.Run;
        public bool IsPublishMode => Operation == DistributedApplicationOperation.Publish;
        public IServiceProvider ServiceProvider => Provider ?? throw new InvalidOperationException("ServiceProvider is not available before the application is built.");
    }
}
