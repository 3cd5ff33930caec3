using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Logs;

namespace Jarvis.ServiceDefaults.Tests.Redaction;

/// <summary>Stands where an exporter does: behind what was added before.</summary>
internal sealed class SpanKeeper : BaseProcessor<Activity>
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);
    private readonly ConcurrentQueue<Activity> _spans = new();
    private readonly SemaphoreSlim _arrived = new(0);

    public override void OnEnd(Activity data)
    {
        _spans.Enqueue(data);
        _arrived.Release();
    }

    public async Task<Activity> FirstAsync(Func<Activity, bool> wanted)
    {
        while (true)
        {
            if (_spans.FirstOrDefault(wanted) is { } span)
                return span;
            Assert.True(await _arrived.WaitAsync(Limit), $"No such span among: {string.Join('\n', _spans.Select(span => $"{span.Source.Name} {span.DisplayName} {string.Join(' ', span.TagObjects)}"))}");
        }
    }
}

/// <summary>As a log exporter sees them.</summary>
internal sealed class RecordKeeper : BaseProcessor<LogRecord>
{
    public ConcurrentQueue<(string? Category, string Text)> All { get; } = new();

    public override void OnEnd(LogRecord data) => All.Enqueue((data.CategoryName, $"{data.FormattedMessage} {data.Exception} {string.Join(' ', data.Attributes ?? [])}"));
}

internal sealed class LineKeeper : ILoggerProvider
{
    private readonly ConcurrentQueue<string> _lines = new();

    public IReadOnlyCollection<string> All => _lines;

    public ILogger CreateLogger(string categoryName) => new Keeper(_lines);

    public void Dispose()
    {
        // The lines are read after the end.
    }

    private sealed class Keeper(ConcurrentQueue<string> lines) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            lines.Enqueue($"{formatter(state, exception)} {(state is IEnumerable<KeyValuePair<string, object?>> properties ? string.Join(' ', properties) : "")} {exception}");
    }
}
