namespace Jarvis.Telemetry.Ingestion;

/// <summary>Text that Postgres takes: it has no NUL, and it is bounded.</summary>
internal static class StoredText
{
    /// <summary>Cuts <paramref name="text"/> to <paramref name="maxLength"/> characters and replaces NULs by U+FFFD.</summary>
    public static string Clean(string text, int maxLength)
    {
        if (text.Length > maxLength)
            text = text[..(char.IsHighSurrogate(text[maxLength - 1]) ? maxLength - 1 : maxLength)];
        return text.Contains('\0') ? text.Replace('\0', '\uFFFD') : text;
    }
}
