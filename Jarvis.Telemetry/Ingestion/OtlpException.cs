namespace Jarvis.Telemetry.Ingestion;

/// <summary>The body is not OTLP: 400.</summary>
public sealed class OtlpFormatException(string message, Exception? cause = null) : Exception(message, cause);

/// <summary>The body is larger than what is taken: 413.</summary>
public sealed class OtlpTooLargeException(string message) : Exception(message);
