using System.Collections.Concurrent;
using Jarvis.Gateway.Audit;
using Microsoft.AspNetCore.Http;

namespace Jarvis.Gateway.Tests;

/// <summary>Keeps what it is told.</summary>
internal sealed class FakeAuditLog : IAuditLog
{
    public ConcurrentQueue<AuditEntry> Entries { get; } = new();

    /// <summary>What it says instead of keeping anything.</summary>
    public Exception? Fault { get; set; }

    public Task WriteAsync(HttpContext context, AuditEntry entry, CancellationToken cancellationToken)
    {
        if (Fault is not null)
            return Task.FromException(Fault);
        Entries.Enqueue(entry);
        return Task.CompletedTask;
    }

    public ValueTask NoteAsync(HttpContext context, AuditEntry entry)
    {
        Entries.Enqueue(entry);
        return ValueTask.CompletedTask;
    }
}
