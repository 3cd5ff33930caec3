using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace OpenTelemetry.Instrumentation.AspNetCore;

/// <summary>Names the server spans that ASP.NET Core makes, and gives them the attributes of the HTTP semantic conventions.</summary>
internal sealed class HttpInListener(AspNetCoreTraceInstrumentationOptions options)
    : IObserver<DiagnosticListener>, IObserver<KeyValuePair<string, object?>>, IDisposable
{
    private const string Start = "Microsoft.AspNetCore.Hosting.HttpRequestIn.Start";
    private const string Stop = "Microsoft.AspNetCore.Hosting.HttpRequestIn.Stop";
    private readonly List<IDisposable> _subscriptions = [];

    public void Subscribe() => _subscriptions.Add(DiagnosticListener.AllListeners.Subscribe(this));

    public void OnNext(DiagnosticListener value)
    {
        if (value.Name == "Microsoft.AspNetCore")
            _subscriptions.Add(value.Subscribe(this, name => name.StartsWith("Microsoft.AspNetCore.Hosting.HttpRequestIn", StringComparison.Ordinal)));
    }

    public void OnNext(KeyValuePair<string, object?> value)
    {
        if (value.Value is not HttpContext http || Activity.Current is not { } activity)
            return;
        if (value.Key == Start)
            Started(activity, http);
        else if (value.Key == Stop)
            Stopped(activity, http);
    }

    private void Started(Activity activity, HttpContext http)
    {
        if (options.Filter is { } filter && !filter(http))
        {
            activity.IsAllDataRequested = false;
            activity.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded;
            return;
        }
        activity.DisplayName = http.Request.Method;
        activity.SetTag("http.request.method", http.Request.Method);
        activity.SetTag("url.scheme", http.Request.Scheme);
        activity.SetTag("url.path", http.Request.Path.Value);
        activity.SetTag("server.address", http.Request.Host.Host);
        if (http.Request.Host.Port is { } port)
            activity.SetTag("server.port", port);
    }

    private static void Stopped(Activity activity, HttpContext http)
    {
        if (!activity.IsAllDataRequested)
            return;
        if ((http.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText is { } route)
        {
            activity.DisplayName = $"{http.Request.Method} {route}";
            activity.SetTag("http.route", route);
        }
        activity.SetTag("http.response.status_code", http.Response.StatusCode);
        if (http.Response.StatusCode >= 500)
            activity.SetStatus(ActivityStatusCode.Error);
    }

    public void OnCompleted()
    {
    }

    public void OnError(Exception error)
    {
    }

    public void Dispose() => _subscriptions.ForEach(subscription => subscription.Dispose());
}
