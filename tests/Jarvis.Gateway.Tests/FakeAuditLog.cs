using System.Collections.Concurrent;
using Jarvis.Gateway.Audit;
using Microsoft.AspNetCore.Http;

namespace Jarvis.Gateway.Tests;

/// <summary>Keeps what it is told.</summary>
internal sealed class FakeAuditLog : IAuditLog
{
    public ConcurrentQueue<AuditEntry> Entries { get; } = new();

    public Task WriteAsync(HttpContext context, AuditEntry entry, CancellationToken cancellationToken)
    {
        Entries.Enqueue(entry);
        return Task.CompletedTask;
    }

    public ValueTask NoteAsync(HttpContext context, AuditEntry entry)
    {
        Entries.Enqueue(entry);
        return ValueTask.CompletedTask;
    }
}
