namespace Jarvis.AppHost.Data;

/// <summary>Ends the start-up with one message for the user, which says what is wrong and what to do, and no stack trace.</summary>
sealed class StartupException(string message, Exception? inner = null) : Exception(message, inner)
{
    public const int Failed = 1;

    /// <summary>What a shell reports for a process that ended by SIGINT.</summary>
    public const int Interrupted = 130;

    public int ExitCode { get; init; } = Failed;
}
