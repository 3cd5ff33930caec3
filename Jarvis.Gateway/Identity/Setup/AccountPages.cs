using System.Security.Cryptography;
using System.Text;

namespace Jarvis.Gateway.Identity.Setup;

/// <summary>
/// The pages that links lead to: first account, registration, new password. One self-contained file (<c>account.html</c>), whose style and script are
/// allowed by their hashes and nothing else is.
/// </summary>
internal static class AccountPages
{
    public static readonly string[] Paths = ["/setup", "/register", "/reset-password"];

    private static readonly byte[] Page = Read();
    private static readonly string Policy =
        $"default-src 'none'; style-src {HashOf("style")}; script-src {HashOf("script")}; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    public static void MapAccountPages(this IEndpointRouteBuilder routes)
    {
        foreach (var path in Paths)
            routes.MapGet(path, Show).AllowAnonymous().ExcludeFromDescription();
    }

    private static IResult Show(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = Policy;
        headers.CacheControl = "no-store";
        headers["Referrer-Policy"] = "no-referrer";
        headers.XContentTypeOptions = "nosniff";
        return Results.Bytes(Page, "text/html; charset=utf-8");
    }

    private static byte[] Read()
    {
        using var stream = typeof(AccountPages).Assembly.GetManifestResourceStream("account.html")
            ?? throw new InvalidOperationException("The account page is not in the build.");
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        return copy.ToArray();
    }

    private static string HashOf(string element)
    {
        var html = Encoding.UTF8.GetString(Page);
        var start = html.IndexOf($"<{element}>", StringComparison.Ordinal) + element.Length + 2;
        var content = html[start..html.IndexOf($"</{element}>", start, StringComparison.Ordinal)];
        return $"'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(content)))}'";
    }
}
