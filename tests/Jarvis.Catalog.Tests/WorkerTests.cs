using System.Collections.Concurrent;
using Jarvis.Catalog.Library;
using Jarvis.Catalog.Search;
using Jarvis.ServiceDefaults.Messaging;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Jarvis.Catalog.Tests;

/// <summary>The worker goes on whatever a scan or a watch fails with.</summary>
public sealed class WorkerTests
{
    [Fact]
    public async Task Scan_ThatFailsInAnyWay_IsSaidOnceAndFollowedByOthers()
    {
        await using var host = await CatalogHost.StartAsync(new TempLibrary().Agent("agents/a.md", "a"));
        Exception[] failures = [new OperationCanceledException("of something else"), new System.Net.Sockets.SocketException(11), new InvalidOperationException(), new NotSupportedException()];
        var (logs, store, options) = (new Logs(), new CatalogStore(), Options.Create(new LibraryOptions { Roots = [host.Library.Folder], Watch = false }));
        using var signal = new ScanSignal(TimeProvider.System);
        using var factory = LoggerFactory.Create(builder => builder.AddProvider(logs));
        using var worker = new LibraryWorker(
            new LibraryScanner(options, TimeProvider.System, [new FailingSource(failures)]), store, signal, new(), host.Services.GetRequiredService<LibraryWatcher>(),
            host.Services.GetRequiredService<MessageBus>(), host.Services.GetRequiredService<EventPublisher>(), TimeProvider.System, options, [], factory.CreateLogger<LibraryWorker>());
        await worker.StartAsync(CancellationToken.None);
        for (var asked = 0; store.Current is null && asked < 20; asked++)
            await Record.ExceptionAsync(() => signal.AskNow().WaitAsync(TimeSpan.FromSeconds(20)));
        await worker.StopAsync(CancellationToken.None);
        Assert.Single(store.Snapshot.Entries);
        Assert.Equal([101, 102], logs.Events.Where(id => id is 101 or 102));
    }

    [Fact]
    public void Refresh_FolderThatCannotBeAskedAnyMore_EndsItsWatchAndSaysSoOnce()
    {
        using var library = new TempLibrary().Agent("agents/a.md", "a");
        var (logs, fails) = (new Logs(), false);
        using var signal = new ScanSignal(TimeProvider.System);
        using var factory = LoggerFactory.Create(builder => builder.AddProvider(logs));
        using var watcher = new LibraryWatcher(signal, new(), new(Options.Create(new LibraryOptions())), TimeProvider.System, factory.CreateLogger<LibraryWatcher>(),
            path => fails ? throw new IOException("Stale file handle") : Directory.GetCreationTimeUtc(path));
        var sources = LibrarySource.Of(new() { Roots = [library.Folder] });
        watcher.Refresh(sources);
        Assert.True(watcher.IsWatching(sources[0]));
        fails = true;
        watcher.Refresh(sources);
        watcher.Refresh(sources);
        Assert.False(watcher.IsWatching(sources[0]));
        Assert.Equal([110], logs.Events);
    }

    private sealed class FailingSource(params Exception[] failures) : IExtraSource
    {
        private readonly ConcurrentQueue<Exception> _failures = new(failures);

        public LibrarySource Source { get; } = new("failing", "failing", "");

        public Task FirstRead => Task.CompletedTask;

        public ScannedSource Scan(TermTable terms) => _failures.TryDequeue(out var failure)
            ? throw failure : new(Source, new(SourceState.Ready, [], []), [], DateTimeOffset.UnixEpoch, 0, Watching: false);
    }

    private sealed class Logs : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<int> Events { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Events.Enqueue(eventId.Id);

        public void Dispose()
        {
        }
    }
}
