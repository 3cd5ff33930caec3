namespace Jarvis.Telemetry.Ingestion;

/// <summary>Where a batch of spans is made durable: all of it, or none.</summary>
public interface ISpanSink
{
    /// <summary>Ends when the spans are committed; spans that are there already are left as they are.</summary>
    /// <exception cref="IngestionUnavailableException">Nothing was stored; it may work later.</exception>
    /// <exception cref="SpansRefusedException">Nothing was stored, and nothing will be, however often it is tried.</exception>
    Task WriteAsync(IReadOnlyCollection<SpanRecord> spans, CancellationToken cancellationToken);
}

/// <summary>Not now: 503 with Retry-After, which OTLP exporters obey.</summary>
public sealed class IngestionUnavailableException(string message, Exception? cause = null) : Exception(message, cause);

/// <summary>The store takes no such spans: 500, which OTLP exporters do not repeat.</summary>
public sealed class SpansRefusedException(string message, Exception? cause = null) : Exception(message, cause);
