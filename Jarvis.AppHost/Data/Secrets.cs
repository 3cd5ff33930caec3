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
        var kept = File.Exists(file) ? File.ReadAllText(file).Trim() : "";
        if (kept.Length == 0)
        {
            kept = Convert.ToBase64String(RandomNumberGenerator.GetBytes(Bytes));
            WritePrivate(file, kept);
        }

        _auth = kept;
    }

    /// <summary>Whole or not at all, and only for this user.</summary>
    static void WritePrivate(string file, string text)
    {
        var unfinished = $"{file}.new";
        File.Delete(unfinished);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var writer = new StreamWriter(unfinished, System.Text.Encoding.ASCII, options))
            writer.Write(text);
        File.Move(unfinished, file, overwrite: true);
    }
}
