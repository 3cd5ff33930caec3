using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.ApplicationModel
{
    public enum ContainerLifetime
    {
        Session = 0,
        Persistent = 1,
    }

    public sealed class ContainerLifetimeAnnotation : IResourceAnnotation
    {
        public required ContainerLifetime Lifetime { get; set; }
    }

    public enum ContainerMountType
    {
        BindMount = 0,
        Volume = 1,
    }

    public sealed class ContainerMountAnnotation(string? source, string target, ContainerMountType type, bool isReadOnly) : IResourceAnnotation
    {
        public string? Source { get; } = source;
        public string Target { get; } = target;
        public ContainerMountType Type { get; } = type;
        public bool IsReadOnly { get; } = isReadOnly;
    }
}

namespace Aspire.Hosting
{
    /// <summary>Containers can be described here but not run: without real Aspire there is nothing that drives a container runtime.</summary>
    public static class ContainerResourceBuilderExtensions
    {
        public static IResourceBuilder<T> WithVolume<T>(this IResourceBuilder<T> builder, string? name, string target, bool isReadOnly = false)
            where T : ContainerResource => builder.WithAnnotation(new ContainerMountAnnotation(name, target, ContainerMountType.Volume, isReadOnly));

        public static IResourceBuilder<T> WithLifetime<T>(this IResourceBuilder<T> builder, ContainerLifetime lifetime)
            where T : ContainerResource => builder.WithAnnotation(new ContainerLifetimeAnnotation { Lifetime = lifetime }, ResourceAnnotationMutationBehavior.Replace);
    }
}
