using System.Security.Cryptography;

namespace Jarvis.AppHost.Embedded;

static class Checksum
{
    /// <summary>SHA-512 in base64, as npm and NuGet write it.</summary>
    public static async Task<string> OfAsync(string file, CancellationToken cancellationToken)
    {
        await using var content = File.OpenRead(file);
        return Convert.ToBase64String(await SHA512.HashDataAsync(content, cancellationToken));
    }
}
