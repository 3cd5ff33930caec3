using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.ApplicationModel
{
    public enum ContainerLifetime
    {
        Session = 0,
        Persistent = 1,
    }
}

namespace Aspire.Hosting
{
    /// <summary>Containers can be described here but not run: without real Aspire there is nothing that drives a container runtime.</summary>
    public static class ContainerResourceBuilderExtensions
    {
        public static IResourceBuilder<T> WithLifetime<T>(this IResourceBuilder<T> builder, ContainerLifetime lifetime)
            where T : ContainerResource => builder;
    }
}
