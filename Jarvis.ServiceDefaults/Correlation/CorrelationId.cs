using System.Buffers;
using System.Diagnostics;

namespace Jarvis.ServiceDefaults.Correlation;

/// <summary>
/// The one ID that a request, and all work that follows from it, carries: 6 to 64 characters of <c>A-Za-z0-9._-</c>.
/// It flows with the async context, as W3C baggage between processes, and is an attribute of every span.
/// </summary>
public static class CorrelationId
{
    /// <summary>The HTTP header, in and out.</summary>
    public const string Header = "X-Correlation-ID";

    /// <summary>The name as baggage and as span attribute.</summary>
    public const string Attribute = "correlation.id";

    public const int MinLength = 6;
    public const int MaxLength = 64;

    private static readonly SearchValues<char> Allowed =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-");

    private static readonly AsyncLocal<string?> Ambient = new();

    /// <summary>The ID of the work that runs now, always valid (baggage is whatever its sender wrote); null outside of any request or task.</summary>
    public static string? Current => Ambient.Value ?? (Activity.Current?.GetBaggageItem(Attribute) is { } sent && IsValid(sent) ? sent : null);

    public static bool IsValid(string? value) =>
        value is { Length: >= MinLength and <= MaxLength } && !value.AsSpan().ContainsAnyExcept(Allowed);

    /// <summary>A new <c>req-</c> ID, ordered by time.</summary>
    public static string Create(TimeProvider time) => $"req-{Guid.CreateVersion7(time.GetUtcNow()):N}";

    /// <summary>Makes <paramref name="id"/> the current one until the result is disposed, on the current activity too; for work that has no request.</summary>
    public static IDisposable Use(string id)
    {
        var before = Ambient.Value;
        Ambient.Value = id;
        if (Activity.Current is { } activity)
        {
            activity.SetBaggage(Attribute, id);
            if (activity.IsAllDataRequested)
                activity.SetTag(Attribute, id);
        }
        return new Restore(before);
    }

    private sealed class Restore(string? before) : IDisposable
    {
        public void Dispose() => Ambient.Value = before;
    }
}
