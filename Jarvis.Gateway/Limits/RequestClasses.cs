using Microsoft.AspNetCore.Routing.Template;

namespace Jarvis.Gateway.Limits;

/// <summary>Tells the class of a request by its method and path, before a route is chosen for it: refusing must be cheaper than serving.</summary>
internal sealed class RequestClasses(LimitsOptions options)
{
    private readonly TemplateMatcher[] _auth = Matchers(options.AuthPaths);
    private readonly TemplateMatcher[] _mail = Matchers(options.MailPaths);
    private readonly TemplateMatcher[] _execute = Matchers(options.ExecutePaths);
    private readonly PathString[] _exempt = [.. options.ExemptPaths.Select(path => new PathString(path))];

    /// <summary>The class; null when the request is not limited.</summary>
    public LimitClass? Of(HttpRequest request)
    {
        var path = request.Path;
        foreach (var exempt in _exempt)
        {
            if (path.Equals(exempt, StringComparison.OrdinalIgnoreCase))
                return null;
        }
        if (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method) || HttpMethods.IsOptions(request.Method))
            return LimitClass.Read;
        return Matches(_auth, path) ? LimitClass.Auth : Matches(_execute, path) ? LimitClass.Execute : LimitClass.Write;
    }

    /// <summary>Whether it is about an e-mail to whom the caller names.</summary>
    public bool SendsMail(HttpRequest request) => Matches(_mail, request.Path);

    private static bool Matches(TemplateMatcher[] templates, PathString path)
    {
        foreach (var template in templates)
        {
            // As routing does: without regard to case and to a slash at the end.
            if (template.TryMatch(path, []))
                return true;
        }
        return false;
    }

    private static TemplateMatcher[] Matchers(IEnumerable<string> templates) => [.. templates.Select(path => new TemplateMatcher(TemplateParser.Parse(path), []))];
}
