using System.Security.Cryptography;
using System.Text;
using Jarvis.ServiceDefaults.Lists;

namespace Jarvis.Workflows.Triggers;

/// <summary>The <c>Idempotency-Key</c> header: a repeat with the same key and the same request gets the first task.</summary>
public static class IdempotencyKey
{
    public const string Header = "Idempotency-Key";

    /// <summary>On the answer to a repeat.</summary>
    public const string ReplayHeader = "Idempotent-Replay";

    public const int MaxLength = 200;

    /// <summary>The key, or null when none is given; what is wrong with it goes to <paramref name="errors"/>.</summary>
    public static string? Read(HttpRequest request, QueryReader errors)
    {
        if (!request.Headers.TryGetValue(Header, out var values))
            return null;
        // A proxy joins two headers into one with a comma: where one is, there may have been two keys.
        if (values is [{ Length: >= 1 and <= MaxLength } key] && key.All(character => character is >= ' ' and <= '~' and not ','))
            return key;
        errors.Wrong(Header, $"must be one value of 1 to {MaxLength} printable ASCII characters without a comma");
        return null;
    }

    /// <summary>SHA-256 over what was asked for, each part with its length before it.</summary>
    public static byte[] Hash(TriggerRequest request)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var part in (ReadOnlySpan<string?>)[request.WorkflowId, request.WebhookPath, request.Method, request.Payload])
        {
            var bytes = Encoding.UTF8.GetBytes(part ?? "");
            hash.AppendData(BitConverter.GetBytes(part is null ? -1 : bytes.Length));
            hash.AppendData(bytes);
        }
        return hash.GetHashAndReset();
    }
}
