using System.Collections;
using Jarvis.ServiceDefaults.Redaction;
using Microsoft.Extensions.Logging;

namespace Jarvis.ServiceDefaults.Logging;

/// <summary>Passes on what is logged without the secrets in its message, its properties and its exception; what has none goes on as it is.</summary>
internal sealed class RedactingLogger(ILogger inner, AttributeRedaction rules) : ILogger
{
    private const string Template = "{OriginalFormat}";

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => inner.BeginScope(state);

    public bool IsEnabled(LogLevel logLevel) => inner.IsEnabled(logLevel);

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (!inner.IsEnabled(logLevel))
            return;
        var message = formatter(state, exception);
        var text = exception?.ToString();
        var clean = (Message: TextRedaction.Redact(message), Text: text is null ? null : TextRedaction.Redact(text));
        var properties = Properties(state, out var changed);
        if (!changed && ReferenceEquals(clean.Message, message) && ReferenceEquals(clean.Text, text))
        {
            inner.Log(logLevel, eventId, state, exception, formatter);
            return;
        }
        var shown = exception is null || ReferenceEquals(clean.Text, text) ? exception : new RedactedException(TextRedaction.Redact(exception.Message), clean.Text!);
        inner.Log(logLevel, eventId, new RedactedState(clean.Message, properties), shown, static (state, _) => state.ToString());
    }

    private KeyValuePair<string, object?>[] Properties<TState>(TState state, out bool changed)
    {
        changed = false;
        if (state is not IReadOnlyList<KeyValuePair<string, object?>> given)
            return [];
        var properties = new KeyValuePair<string, object?>[given.Count];
        for (var i = 0; i < properties.Length; i++)
        {
            var (name, value) = given[i];
            var clean = name == Template ? value : rules.Redact(name, value);
            changed |= !ReferenceEquals(clean, value);
            properties[i] = new(name, clean);
        }
        return properties;
    }

    private sealed class RedactedState(string message, KeyValuePair<string, object?>[] properties) : IReadOnlyList<KeyValuePair<string, object?>>
    {
        public int Count => properties.Length;

        public KeyValuePair<string, object?> this[int index] => properties[index];

        public IEnumerator<KeyValuePair<string, object?>> GetEnumerator() => properties.AsEnumerable().GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

        public override string ToString() => message;
    }

    /// <summary>Stands for an exception whose text has a secret in it.</summary>
    private sealed class RedactedException(string message, string text) : Exception(message)
    {
        public override string ToString() => text;
    }
}
