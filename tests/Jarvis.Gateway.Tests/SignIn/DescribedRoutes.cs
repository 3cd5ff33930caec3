using System.Text.Json;

namespace Jarvis.Gateway.Tests.SignIn;

/// <summary>A route of the committed API description.</summary>
/// <param name="Role"><c>anonymous</c>, or the name of a policy.</param>
public sealed record DescribedRoute(string Method, string Path, string Role)
{
    public override string ToString() => $"{Method} {Path}";
}

/// <summary>Every route of <c>docs/openapi/v2.json</c>.</summary>
public static class DescribedRoutes
{
    private static readonly string[] Methods = ["get", "put", "post", "delete", "patch"];

    public static IReadOnlyList<DescribedRoute> All { get; } = Read();

    /// <summary>The path with something in the place of its parameters that nobody has.</summary>
    public static string Address(this DescribedRoute route) => System.Text.RegularExpressions.Regex.Replace(
        route.Path, "\\{[^}]*\\}", "00000000-0000-7000-8000-000000000000", System.Text.RegularExpressions.RegexOptions.None, TimeSpan.FromSeconds(1));

    /// <summary>Whether a caller with <paramref name="role"/> (null: with none) may call it.</summary>
    public static bool IsOpenTo(this DescribedRoute route, string? role) => route.Role switch
    {
        "anonymous" => true,
        "signed-in" => role is not null,
        "viewer" => role is "viewer" or "operator" or "admin",
        "operator" or "telemetry-write" => role is "operator" or "admin",
        "admin" => role is "admin",
        _ => false,
    };

    private static List<DescribedRoute> Read()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "docs", "openapi", "v2.json")))
            folder = folder.Parent ?? throw new InvalidOperationException("The API description is not in the repository.");
        using var document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder.FullName, "docs", "openapi", "v2.json")));
        return [.. document.RootElement.GetProperty("paths").EnumerateObject().SelectMany(path => path.Value.EnumerateObject()
            .Where(operation => Methods.Contains(operation.Name, StringComparer.Ordinal))
            .Select(operation => new DescribedRoute(operation.Name.ToUpperInvariant(), path.Name, operation.Value.GetProperty("x-required-role").GetString()!)))];
    }
}
