using System.Text.Json;
using Jarvis.ServiceDefaults.Errors;
using Jarvis.ServiceDefaults.Security;
using Jarvis.Telemetry.Ingestion;
using Jarvis.Telemetry.Retention;

namespace Jarvis.Telemetry.Metrics;

/// <summary>
/// The points of a request, read and checked; of the body nothing is kept. A few bodies are parsed at once, as with spans: each may take
/// ten times its size while it is.
/// </summary>
public sealed record PointsRequest(IReadOnlyList<MetricPoint> Points)
{
    /// <summary>Reads the body, or refuses it.</summary>
    /// <exception cref="FailureException">415, 422 or 503.</exception>
    public static async ValueTask<PointsRequest?> BindAsync(HttpContext context)
    {
        if (!context.Request.HasJsonContentType())
            throw new Failure(ErrorCode.MalformedRequest, "The body must be JSON: send Content-Type: application/json.") { Status = StatusCodes.Status415UnsupportedMediaType }.AsException();
        var services = context.RequestServices;
        using var slot = await EnterAsync(context, services.GetRequiredService<ReadSlots>());
        using var body = await context.Request.ReadFromJsonAsync<JsonDocument>(context.RequestAborted);
        var retention = services.GetRequiredService<RetentionWindow>();
        return new(PointReader.Read(body?.RootElement ?? default, services.GetRequiredService<TimeProvider>().GetUtcNow(), (retention.Cutoff(), retention.Latest())));
    }

    private static async Task<IDisposable> EnterAsync(HttpContext context, ReadSlots slots)
    {
        try
        {
            return await slots.EnterAsync(context.RequiredCaller(), context.RequestAborted);
        }
        catch (IngestionUnavailableException exception)
        {
            throw Failure.Unavailable("telemetry", exception.Message).AsException(exception);
        }
    }
}
