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

    /// <summary>Headers of one request.</summary>
    [Range(10, 10_000)]
    public int MaxHeaders { get; init; } = 100;

    /// <summary>Bytes of the request line: method, URI and version.</summary>
    [Range(1_024, 1_048_576)]
    public int MaxRequestLineBytes { get; init; } = 8_192;

    /// <summary>Seconds in which the headers must have arrived.</summary>
    [Range(1, 600)]
    public int HeaderTimeoutSeconds { get; init; } = 15;

    /// <summary>Seconds for which a connection is kept that nobody uses.</summary>
    [Range(1, 3_600)]
    public int KeepAliveSeconds { get; init; } = 130;

    /// <summary>Bytes a second that a client must send of a body, and take of an answer; 0 is no minimum.</summary>
    [Range(0, 1_048_576)]
    public int MinBytesPerSecond { get; init; } = 240;

    /// <summary>Seconds that a client has before <see cref="MinBytesPerSecond"/> counts.</summary>
    [Range(2, 600)]
    public int SlowGraceSeconds { get; init; } = 5;

    /// <summary>Connections at once; one more is closed.</summary>
    [Range(10, 1_000_000)]
    public int MaxConnections { get; init; } = 10_000;

    /// <summary>Requests at once on one HTTP/2 connection.</summary>
    [Range(1, 10_000)]
    public int MaxStreamsPerConnection { get; init; } = 100;

    /// <summary>Seconds a handler may take, except on routes with a time limit of their own.</summary>
    [Range(1, 3_600)]
    public int HandlerTimeoutSeconds { get; init; } = 60;
}

public static class RequestLimits
{
    // What the gateway adds to a request that it passes on: who asks, where it came from, its trace, a longer path.
    private const int AddedHeaders = 20;
    private const int AddedHeaderBytes = 8_192;
    private const int AddedLineBytes = 512;

    /// <summary>
    /// Has the server take what callers may send and not more. The services behind the gateway take a little more, so that what the gateway let pass is not
    /// refused behind it.
    /// </summary>
    public static void UseExactHeaderLimits(this IHostApplicationBuilder builder) =>
        builder.Services.AddOptions<KestrelServerOptions>().PostConfigure<IOptions<RequestLimitsOptions>>((kestrel, limits) =>
        {
            kestrel.Limits.MaxRequestHeadersTotalSize = limits.Value.MaxHeaderBytes;
            kestrel.Limits.MaxRequestHeaderCount = limits.Value.MaxHeaders;
            kestrel.Limits.MaxRequestLineSize = limits.Value.MaxRequestLineBytes;
        });

    internal static void AddRequestLimits(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<RequestLimitsOptions>().BindConfiguration("Requests").ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddOptions<KestrelServerOptions>().Configure<IOptions<RequestLimitsOptions>>((kestrel, limits) =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = limits.Value.MaxBodyBytes;
            kestrel.Limits.MaxRequestHeadersTotalSize = limits.Value.MaxHeaderBytes + AddedHeaderBytes;
            kestrel.Limits.MaxRequestHeaderCount = limits.Value.MaxHeaders + AddedHeaders;
            kestrel.Limits.MaxRequestLineSize = limits.Value.MaxRequestLineBytes + AddedLineBytes;
            // The server wants it to hold either.
            kestrel.Limits.MaxRequestBufferSize = Math.Max(1_048_576, Math.Max(limits.Value.MaxHeaderBytes + AddedHeaderBytes, limits.Value.MaxRequestLineBytes + AddedLineBytes));
            kestrel.Limits.KeepAliveTimeout = TimeSpan.FromSeconds(limits.Value.KeepAliveSeconds);
            kestrel.Limits.MaxConcurrentConnections = limits.Value.MaxConnections;
            kestrel.Limits.MaxConcurrentUpgradedConnections = limits.Value.MaxConnections;
            var slowest = limits.Value.MinBytesPerSecond == 0 ? null : new MinDataRate(limits.Value.MinBytesPerSecond, TimeSpan.FromSeconds(limits.Value.SlowGraceSeconds));
            (kestrel.Limits.MinRequestBodyDataRate, kestrel.Limits.MinResponseDataRate) = (slowest, slowest);
            kestrel.Limits.Http2.MaxStreamsPerConnection = limits.Value.MaxStreamsPerConnection;
            kestrel.Limits.Http2.MaxRequestHeaderFieldSize = limits.Value.MaxHeaderBytes + AddedHeaderBytes;
            kestrel.Limits.Http2.KeepAlivePingDelay = TimeSpan.FromSeconds(30);
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
