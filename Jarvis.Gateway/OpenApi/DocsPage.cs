using System.Security.Cryptography;
using System.Text;
using Jarvis.ServiceDefaults.OpenApi;

namespace Jarvis.Gateway.OpenApi;

/// <summary><c>/docs</c>: the API description to browse and to try, from files of this process alone.</summary>
internal static class DocsPage
{
    public const string Path = "/docs";

    // The one style that the page carries inside its script: without it the logo is black on black.
    private const string LogoStyle = ".logo_small_svg__cls-2{fill:#fff}.logo_small_svg__cls-3{fill:#85ea2d}";

    // The page's scripts and styles are files of its own, but for that one; what it draws with are data.
    private static readonly string ContentSecurityPolicy =
        $"default-src 'none'; script-src 'self'; style-src 'self' {HashOf(LogoStyle)}; img-src 'self' data:; connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    public static void UseDocs(this IApplicationBuilder app) => app.UseWhen(context => context.Request.Path.StartsWithSegments(Path, StringComparison.OrdinalIgnoreCase), docs =>
    {
        docs.Use((context, next) =>
        {
            context.Response.Headers.ContentSecurityPolicy = ContentSecurityPolicy;
            context.Response.Headers.XContentTypeOptions = "nosniff";
            context.Response.Headers["Referrer-Policy"] = "no-referrer";
            return next(context);
        });
        docs.UseSwaggerUI(page =>
        {
            page.RoutePrefix = Path[1..];
            page.DocumentTitle = "Jarvis API";
            page.SwaggerEndpoint(ContractOpenApi.Path, "Version 2");
            page.EnableDeepLinking();
            page.EnableFilter();
            page.DisplayRequestDuration();
            page.DisplayOperationId();
            page.ShowExtensions();
            page.EnableTryItOutByDefault();
            page.DocExpansion(Swashbuckle.AspNetCore.SwaggerUI.DocExpansion.List);
        });
    });

    private static string HashOf(string style) => $"'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(style)))}'";
}
