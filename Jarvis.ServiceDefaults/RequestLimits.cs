using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Jarvis.ServiceDefaults;

/// <summary>Bounds of every request; section <c>Requests</c>.</summary>
public sealed record RequestLimitsOptions
{
    /// <summary>Bytes of a body; routes may raise it with <c>[RequestSizeLimit]</c>.</summary>
    [Range(1_024, 1_073_741_824)]
    public long MaxBodyBytes { get; init; } = 1_048_576;

    /// <summary>Bytes of all headers together.</summary>
    [Range(1_024, 1_048_576)]
    public int MaxHeaderBytes { get; init; } = 32_768;

    /// <summary>Seconds in which the headers must have arrived.</summary>
    [Range(1, 600)]
    public int HeaderTimeoutSeconds { get; init; } = 15;

    /// <summary>Seconds a handler may take, except on routes with a time limit of their own.</summary>
    [Range(1, 3_600)]
    public int HandlerTimeoutSeconds { get; init; } = 60;
}

internal static class RequestLimits
{
    public static void AddRequestLimits(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<RequestLimitsOptions>().BindConfiguration("Requests").ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddOptions<KestrelServerOptions>().Configure<IOptions<RequestLimitsOptions>>((kestrel, limits) =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = limits.Value.MaxBodyBytes;
            kestrel.Limits.MaxRequestHeadersTotalSize = limits.Value.MaxHeaderBytes;
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(limits.Value.HeaderTimeoutSeconds);
        });
        builder.Services.AddRequestTimeouts();
        builder.Services.AddOptions<RequestTimeoutOptions>().Configure<IOptions<RequestLimitsOptions>>((timeouts, limits) =>
            timeouts.DefaultPolicy = new RequestTimeoutPolicy
            {
                Timeout = TimeSpan.FromSeconds(limits.Value.HandlerTimeoutSeconds),
                TimeoutStatusCode = 504,
            });
    }
}
