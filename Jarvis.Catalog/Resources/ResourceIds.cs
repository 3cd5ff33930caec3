namespace Jarvis.Catalog.Resources;

/// <summary>Gives resources their ids. How, and how stable they are, stands in this project's README.md.</summary>
public static class ResourceIds
{
    /// <summary>Ids for resources of one kind, in the order of precedence; each comes with its plain id.</summary>
    public static List<string> Assign(IReadOnlyList<(Resource Resource, string Plain)> resources)
    {
        var taken = new HashSet<string>(StringComparer.Ordinal);
        var salts = new Dictionary<string, int>(StringComparer.Ordinal);
        var ids = new List<string>(resources.Count);
        foreach (var (resource, plain) in resources)
        {
            var id = plain;
            if (!taken.Add(id))
            {
                id = Qualified(resource, plain);
                // The path decides, so that the id survives whatever happens to the others.
                if (!taken.Add(id))
                {
                    var (qualified, seed) = (id, $"{resource.Source}/{resource.Path}#{resource.Name}{(resource as McpServer)?.Project}");
                    // Namesakes of one file took the salts before this one: looking at each again would cost their square.
                    var salt = salts.GetValueOrDefault($"{qualified}\n{seed}");
                    do
                        id = $"{qualified}~{Slug.Hash(seed + new string('+', salt++))}";
                    while (!taken.Add(id));
                    salts[$"{qualified}\n{seed}"] = salt;
                }
            }

            ids.Add(id);
        }

        return ids;
    }

    /// <summary>What else finds a resource when no other one has it as its id: the qualified id, the slug of its name, its name, what one types, n8n's id.</summary>
    public static IEnumerable<string> Aliases(Resource resource)
    {
        yield return Qualified(resource, Plain(resource));
        yield return NameSlug(resource);
        yield return resource.Name;
        if (resource is Command command)
            yield return command.Invocation[1..];
        // Scripts that talk to n8n know its id, not ours.
        if (resource is Workflow { N8nId: { } n8nId })
            yield return n8nId;
    }

    /// <summary>The id that a resource has when nothing that goes before it takes it.</summary>
    public static string Plain(Resource resource) => resource is Command { Namespace: { } space }
        ? string.Join(':', space.Split(':').Select(Slug.Of).Where(part => part.Length > 0).Append(NameSlug(resource)))
        : NameSlug(resource);

    private static string Qualified(Resource resource, string plain) =>
        $"{(resource.Plugin is { } plugin && Slug.Of(plugin.Name) is { Length: > 0 } slug ? slug : resource.Source)}:{plain}";

    // A name without one ASCII letter or digit still needs an id.
    private static string NameSlug(Resource resource) =>
        Slug.Of(resource.Name) is { Length: > 0 } slug ? slug : $"{resource.Kind.Word().Replace('_', '-')}-{Slug.Hash(resource.Name)}";
}
