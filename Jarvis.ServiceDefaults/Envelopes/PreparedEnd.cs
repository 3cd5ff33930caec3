using System.Text;
using Jarvis.ServiceDefaults.Correlation;

namespace Jarvis.ServiceDefaults.Envelopes;

/// <summary>What each answer adds to a prepared envelope: <c>"timestamp":"…","correlation_id":"…"}}</c>.</summary>
internal static class PreparedEnd
{
    /// <summary>A timestamp of 28 characters, the longest correlation ID, and what is around them.</summary>
    public const int MaxLength = 64 + 28 + CorrelationId.MaxLength;

    /// <summary>Writes it, and returns the bytes that it took.</summary>
    public static int Write(Span<byte> target, DateTimeOffset now, string? correlationId)
    {
        var length = Copy(target, 0, "\"timestamp\":\""u8);
        now.UtcDateTime.TryFormat(target[length..], out var written, "O");
        length += written;
        if (correlationId is null)
            return Copy(target, length, "\",\"correlation_id\":null}}"u8);
        length = Copy(target, length, "\",\"correlation_id\":\""u8);
        // ASCII of a kind that JSON does not escape: CorrelationId.IsValid sees to it.
        length += Encoding.ASCII.GetBytes(correlationId, target[length..]);
        return Copy(target, length, "\"}}"u8);
    }

    private static int Copy(Span<byte> target, int at, ReadOnlySpan<byte> text)
    {
        text.CopyTo(target[at..]);
        return at + text.Length;
    }
}
