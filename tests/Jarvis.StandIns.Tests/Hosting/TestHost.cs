using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Jarvis.StandIns.Tests.Hosting;

/// <summary>An application with a folder of its own, whose log is kept, and which is stopped at the end.</summary>
sealed class TestHost : IAsyncDisposable
{
    readonly Log _log = new();
    DistributedApplication? _application;

    public TestHost(params string[] args)
    {
        Builder = DistributedApplicationTestingBuilder.Create(args);
        Builder.Services.AddSingleton<ILoggerProvider>(_log);
    }

    public static string SampleProject { get; } = Path.Combine(Repository.Root, "tests", "Jarvis.StandIns.Sample", "Jarvis.StandIns.Sample.csproj");

    public IDistributedApplicationTestingBuilder Builder { get; }

    public string Folder { get; } = Directory.CreateTempSubdirectory("jarvis-standins-").FullName;

    /// <summary>No wait of a test lasts longer than this.</summary>
    public CancellationToken Limit { get; } = new CancellationTokenSource(TimeSpan.FromSeconds(30)).Token;

    public IEnumerable<string> Lines => _log.Lines;

    public DistributedApplication Application => _application ?? throw new InvalidOperationException("Not started.");

    public IResourceBuilder<ExecutableResource> AddShell(string name, string script) => Builder.AddExecutable(name, "sh", Folder, "-c", script);

    public IResourceBuilder<ProjectResource> AddSample(string name) =>
        Builder.AddProject(name, SampleProject).WithArgs("serve").WithHttpHealthCheck("/health");

    public async Task StartAsync()
    {
        _application = await Builder.BuildAsync(Limit);
        await _application.StartAsync(Limit);
    }

    public Task<string> StateAsync(string resource, params string[] states) => Application.ResourceNotifications.WaitForResourceAsync(resource, states, Limit);

    public async ValueTask DisposeAsync()
    {
        if (_application is not null)
            await _application.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }

    sealed class Log : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<string> Lines { get; } = [];

        ILogger ILoggerProvider.CreateLogger(string categoryName) => this;

        IDisposable? ILogger.BeginScope<TState>(TState state) => null;

        bool ILogger.IsEnabled(LogLevel logLevel) => true;

        void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Enqueue(formatter(state, exception));

        public void Dispose()
        {
        }
    }
}
