using System.Reflection;
using Jarvis.ServiceDefaults.Correlation;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Extensions.DependencyInjection;

namespace Jarvis.ServiceDefaults.Envelopes;

/// <summary>A handler's success, sent in the envelope.</summary>
public sealed class Enveloped<T>(T data, int status = StatusCodes.Status200OK) : IResult, IStatusCodeHttpResult, IValueHttpResult<T>, IEndpointMetadataProvider
{
    public T Value { get; } = data;

    public int Status { get; } = status;

    /// <summary>The <c>Location</c> header of a 201 or 202.</summary>
    public string? Location { get; init; }

    /// <summary>The metadata's <c>mode_used</c>.</summary>
    public string? ModeUsed { get; init; }

    int? IStatusCodeHttpResult.StatusCode => Status;

    T? IValueHttpResult<T>.Value => Value;

    public Task ExecuteAsync(HttpContext httpContext)
    {
        var time = httpContext.RequestServices.GetRequiredService<TimeProvider>();
        httpContext.Response.StatusCode = Status;
        if (Location is not null)
            httpContext.Response.Headers.Location = Location;
        var envelope = new Envelope<T>(true, Value, new EnvelopeMetadata(time.GetUtcNow(), CorrelationId.Current) { ModeUsed = ModeUsed });
        return httpContext.Response.WriteAsJsonAsync(envelope, httpContext.RequestAborted);
    }

    public static void PopulateMetadata(MethodInfo method, EndpointBuilder builder) =>
        builder.Metadata.Add(new ProducesResponseTypeMetadata(StatusCodes.Status200OK, typeof(Envelope<T>), ["application/json"]));
}

public static class Enveloped
{
    public static Enveloped<T> Ok<T>(T data) => new(data);

    public static Enveloped<T> Created<T>(T data, string location) => new(data, StatusCodes.Status201Created) { Location = location };

    public static Enveloped<T> Accepted<T>(T data, string location) => new(data, StatusCodes.Status202Accepted) { Location = location };
}
