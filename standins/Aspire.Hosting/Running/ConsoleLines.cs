using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Running;

/// <summary>Writes log lines as <c>name | text</c>, each resource in its own colour; colourless where nobody sees colours.</summary>
sealed class ConsoleLines(DistributedApplicationModel model) : ILoggerProvider
{
    const string HostName = "apphost";
    const string Reset = "\e[0m";
    const string Red = "\e[31m";
    const string Yellow = "\e[33m";
    static readonly string[] Palette = ["\e[36m", "\e[32m", "\e[35m", "\e[34m", "\e[96m", "\e[92m", "\e[95m", "\e[94m"];

    readonly Lock _gate = new();
    readonly bool _colour = !Console.IsOutputRedirected && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));

    public ILogger CreateLogger(string categoryName)
    {
        var mark = categoryName.IndexOf(ResourceLoggerService.CategoryMark, StringComparison.Ordinal);
        return new Lines(this, mark < 0 ? HostName : categoryName[(mark + ResourceLoggerService.CategoryMark.Length)..]);
    }

    public void Dispose()
    {
    }

    void Write(string name, LogLevel level, string text)
    {
        var index = model.Resources.TakeWhile(resource => resource.Name != name).Count();
        var width = model.Resources.Select(resource => resource.Name.Length).Append(HostName.Length).Max();
        // An exclamation mark in place of the bar for warnings, errors and stderr: it survives a redirection, as colours do not.
        var bar = level >= LogLevel.Warning ? '!' : '|';
        var line = _colour
            ? $"{(name == HostName ? "\e[90m" : Palette[index % Palette.Length])}{name.PadRight(width)} {bar}{Reset} {(level >= LogLevel.Error ? Red : level == LogLevel.Warning ? Yellow : "")}{text}{Reset}"
            : $"{name.PadRight(width)} {bar} {text}";
        lock (_gate)
            Console.Out.WriteLine(line);
    }

    sealed class Lines(ConsoleLines console, string name) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            foreach (var line in formatter(state, exception).Split('\n'))
                console.Write(name, logLevel, line.TrimEnd('\r'));
            if (exception is DistributedApplicationException)
                console.Write(name, logLevel, exception.Message);
            else if (exception is not null)
                console.Write(name, logLevel, exception.ToString());
        }
    }
}
