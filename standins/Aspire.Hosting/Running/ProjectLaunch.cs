using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Running;

static class ProjectLaunch
{
    public static void Apply(IResourceBuilder<ProjectResource> project, ProjectResourceOptions options)
    {
    }
}
