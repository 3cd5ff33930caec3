using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Running;

static class DependencyOrder
{
    /// <summary>The resources in groups that may stop together: first those that nobody needs, last those that everybody needs.</summary>
    public static IReadOnlyList<IReadOnlyList<IResource>> StopLevels(IEnumerable<IResource> resources)
    {
        IResource[] all = [.. resources];
        var needs = all.ToDictionary(resource => resource, resource => Needs(resource).SelectMany(needed => needed.WithAncestors()).Where(all.Contains).ToHashSet());
        var levels = new Dictionary<IResource, int>();
        return [.. all.GroupBy(resource => Level(resource, [])).OrderBy(group => group.Key).Select(group => group.ToArray())];

        int Level(IResource resource, HashSet<IResource> path)
        {
            if (levels.TryGetValue(resource, out var level))
                return level;
            // References may go in a circle; whoever is on the path already does not count.
            path.Add(resource);
            level = all.Where(other => needs[other].Contains(resource) && !path.Contains(other)).Select(other => Level(other, path) + 1).DefaultIfEmpty(0).Max();
            path.Remove(resource);
            return levels[resource] = level;
        }
    }

    static IEnumerable<IResource> Needs(IResource resource) =>
        resource.Annotations.OfType<WaitAnnotation>().Select(wait => wait.Resource)
            .Concat(resource.Annotations.OfType<ResourceRelationshipAnnotation>().Where(relation => relation.Type is "Reference").Select(relation => relation.Resource));
}
