namespace Jarvis.ServiceDefaults.Logging;

/// <summary>
/// What only the operator at the console may read, such as a link that sets a password where no server for e-mail is configured. Lines of this category are not redacted, and
/// go to no collector, where others could read them.
/// </summary>
public static class OperatorLog
{
    public const string Category = "Jarvis.Operator";
}
