using System.Security.Cryptography;

namespace Jarvis.AppHost.Data;

/// <summary>What the processes of this Jarvis share and nobody else knows. Read when processes are started, which is after <see cref="Open"/>.</summary>
sealed class Secrets
{
    const int Bytes = 32;
    const string AuthFile = "auth.secret";

    string? _auth;

    /// <summary>How services know each other; new at each start.</summary>
    public string ServiceKey { get; } = RandomNumberGenerator.GetHexString(2 * Bytes, lowercase: true);

    /// <summary>For the first account, once; new at each start.</summary>
    public string SetupToken { get; } = RandomNumberGenerator.GetHexString(2 * Bytes, lowercase: true);

    /// <summary>With this, in base64, the keys that sign tokens are encrypted. Kept in the data directory: without it everybody signs in anew.</summary>
    public string Auth => _auth ?? throw new InvalidOperationException("The data directory has not been opened.");

    public void Open(DataDirectory data)
    {
        var file = data.File(AuthFile);
        var kept = PrivateFiles.Read(file) ?? "";
        if (kept.Length == 0)
        {
            kept = Convert.ToBase64String(RandomNumberGenerator.GetBytes(Bytes));
            PrivateFiles.Write(file, kept);
        }

        _auth = kept;
    }
}
