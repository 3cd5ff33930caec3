using System.Diagnostics;
using Jarvis.ServiceDefaults.Logging;
using Jarvis.ServiceDefaults.Redaction;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OpenTelemetry.Instrumentation.AspNetCore;
using OpenTelemetry.Instrumentation.Http;
using OpenTelemetry.Trace;

namespace Jarvis.ServiceDefaults.Observability;

public static class RedactionExtensions
{
    private const string Query = "url.query";
    private const string Full = "url.full";

    // Aspire sets them for what it starts: its dashboard is one developer's. Here every viewer reads spans.
    private static readonly string[] Unredacted =
        ["OTEL_DOTNET_EXPERIMENTAL_ASPNETCORE_DISABLE_URL_QUERY_REDACTION", "OTEL_DOTNET_EXPERIMENTAL_HTTPCLIENT_DISABLE_URL_QUERY_REDACTION"];

    private const string Prompts = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT";

    /// <summary>
    /// Keeps secrets out of spans and logs, whatever the environment says; before telemetry is configured, so that it stands before the exporters. Queries are recorded
    /// by <see cref="QueryParameters"/>, prompts when <c>Telemetry:RecordPrompts</c> says so.
    /// </summary>
    public static TBuilder AddRedaction<TBuilder>(this TBuilder builder)
        where TBuilder : IHostApplicationBuilder
    {
        var options = builder.Configuration.GetSection("Telemetry").Get<RecordingOptions>() ?? new();
        foreach (var name in Unredacted)
            Set(builder.Configuration, name, on: false);
        Set(builder.Configuration, Prompts, options.RecordPrompts);
        AppContext.SetSwitch("System.Net.Http.DisableUriRedaction", isEnabled: false);

        var rules = new AttributeRedaction(options.RecordPrompts);
        builder.Services.AddSingleton(rules);
        // The instrumentations hide every value; those that may be recorded are put back.
        builder.Services.Configure<AspNetCoreTraceInstrumentationOptions>(tracing => tracing.EnrichWithHttpRequest += Enrich);
        builder.Services.Configure<HttpClientTraceInstrumentationOptions>(tracing => tracing.EnrichWithHttpRequestMessage += Enrich);
        builder.Services.ConfigureOpenTelemetryTracerProvider(tracing => tracing.AddProcessor(new SpanRedaction(rules)));
        builder.AddLogRedaction(rules);
        return builder;
    }

    /// <summary>Some libraries read the configuration, others the environment.</summary>
    private static void Set(IConfigurationManager configuration, string name, bool on)
    {
        var value = on ? "true" : "false";
        configuration[name] = value;
        Environment.SetEnvironmentVariable(name, value);
    }

    private static void Enrich(Activity activity, HttpRequest request)
    {
        if (request.QueryString.Value is { Length: > 1 } query)
            activity.SetTag(Query, QueryRedaction.Query(query));
    }

    private static void Enrich(Activity activity, HttpRequestMessage request)
    {
        if (request.RequestUri is { IsAbsoluteUri: true, Query.Length: > 1 } address)
            activity.SetTag(Full, QueryRedaction.Url(address.AbsoluteUri));
    }
}
