using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.ApplicationModel
{
    public interface IResource
    {
        string Name { get; }
        ResourceAnnotationCollection Annotations { get; }
    }

    public interface IResourceAnnotation;
    public interface IResourceWithArgs : IResource;
    public interface IResourceWithEndpoints : IResource;
    public interface IResourceWithEnvironment : IResource;
    public interface IResourceWithWaitSupport : IResource;
    public interface IComputeResource : IResource;

    public interface IResourceWithParent : IResource
    {
        IResource Parent { get; }
    }

    public interface IResourceWithParent<out T> : IResourceWithParent
        where T : IResource
    {
        new T Parent { get; }

        IResource IResourceWithParent.Parent => Parent;
    }

    public interface IResourceCollection : IList<IResource>;

    public interface IResourceBuilder<out T>
        where T : IResource
    {
        IDistributedApplicationBuilder ApplicationBuilder { get; }
        T Resource { get; }

        IResourceBuilder<T> WithAnnotation<TAnnotation>(ResourceAnnotationMutationBehavior behavior = ResourceAnnotationMutationBehavior.Append)
            where TAnnotation : IResourceAnnotation, new() => WithAnnotation(new TAnnotation(), behavior);

        IResourceBuilder<T> WithAnnotation<TAnnotation>(TAnnotation annotation, ResourceAnnotationMutationBehavior behavior = ResourceAnnotationMutationBehavior.Append)
            where TAnnotation : IResourceAnnotation;
    }

    public enum ResourceAnnotationMutationBehavior
    {
        Append = 0,
        Replace = 1,
    }

    public interface IManifestExpressionProvider
    {
        string ValueExpression { get; }
    }

    public interface IValueProvider
    {
        ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default);

        ValueTask<string?> GetValueAsync(ValueProviderContext context, CancellationToken cancellationToken = default) => GetValueAsync(cancellationToken);
    }

    public interface IValueWithReferences
    {
        IEnumerable<object> References { get; }
    }

    public class ValueProviderContext
    {
        public DistributedApplicationExecutionContext? ExecutionContext { get; init; }
        public IResource? Caller { get; init; }
    }

    public interface IModelNameParameter;

    [AttributeUsage(AttributeTargets.Parameter)]
    public sealed class ResourceNameAttribute : Attribute, IModelNameParameter;

    [AttributeUsage(AttributeTargets.Parameter)]
    public sealed class EndpointNameAttribute : Attribute, IModelNameParameter;
}

namespace Aspire.Hosting
{
    public interface IResourceWithServiceDiscovery : IResourceWithEndpoints;

    public interface IProjectMetadata : IResourceAnnotation
    {
        string ProjectPath { get; }

        LaunchSettings? LaunchSettings => null;

        bool SuppressBuild => false;

        bool IsFileBasedApp => false;
    }
}
