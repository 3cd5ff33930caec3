using System.Globalization;

namespace Jarvis.AppHost.Running;

static class ModelExtensions
{
    public const string Dashboard = "aspire-dashboard";

    /// <summary>The parts of Jarvis: not parameters, and not what Aspire adds for itself (its dashboard, a rebuilder for each project).</summary>
    public static IEnumerable<IResource> Parts(this DistributedApplicationModel model) =>
        model.Resources.Where(resource => resource is not ParameterResource && !resource.IsHidden());

    public static bool IsHidden(this IResource resource) =>
        resource.Name == Dashboard
        || resource.Annotations.OfType<HiddenAnnotation>().Any()
        || resource.Annotations.OfType<ResourceSnapshotAnnotation>().Any(annotation => annotation.InitialSnapshot.IsHidden);

    /// <summary>The process of an instance, or null while it has none.</summary>
    public static int? ProcessId(this CustomResourceSnapshot snapshot) =>
        snapshot.Properties.FirstOrDefault(property => property.Name == "executable.pid")?.Value is { } value
        && int.TryParse(Convert.ToString(value, CultureInfo.InvariantCulture), CultureInfo.InvariantCulture, out var id)
            ? id
            : null;

    public static bool HasEnded(this CustomResourceSnapshot snapshot) => snapshot.State?.Text is { } state && KnownResourceStates.TerminalStates.Contains(state);
}
