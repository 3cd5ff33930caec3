using System.Text.RegularExpressions;
using Jarvis.ServiceDefaults.Errors;

namespace Jarvis.Gateway.Front;

/// <summary><c>/api/v9/…</c> is told which versions there are.</summary>
internal sealed partial class VersionGuard(RequestDelegate next)
{
    /// <summary>The versions that this gateway serves.</summary>
    public static readonly string[] Versions = ["v1", "v2"];

    public Task InvokeAsync(HttpContext context)
    {
        var path = context.Request.Path.Value ?? "";
        if (path.StartsWith("/api/v2/", StringComparison.Ordinal))
            return next(context);
        var match = VersionedPath().Match(path);
        if (!match.Success || Versions.Contains(match.Groups["version"].Value, StringComparer.OrdinalIgnoreCase))
            return next(context);
        return new Failure(ErrorCode.RouteNotFound, $"There is no API version {match.Groups["version"].Value}; there is {string.Join(", ", Versions)}.")
        {
            Extensions = new Dictionary<string, object?>(StringComparer.Ordinal) { ["versions"] = Versions },
        }.ExecuteAsync(context);
    }

    [GeneratedRegex("^/api/(?<version>v[0-9]{1,6})(?:/|$)", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 100)]
    private static partial Regex VersionedPath();
}
