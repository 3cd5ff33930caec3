using Jarvis.AppHost.Data;


namespace Jarvis.AppHost.Embedded;

/// <summary>A server that runs as a plain process: found or fetched, and made ready to start, before the application starts.</summary>
interface IEmbeddedServer
{
    /// <summary>After it the resource's command, arguments and port are known.</summary>
    /// <exception cref="StartupException">It cannot be had; the message says what to do.</exception>
    Task PrepareAsync(DataDirectory data, CancellationToken cancellationToken);

    /// <summary>Asks for an end at once, where the server would else wait for something: nobody uses it any more.</summary>
    void StopSoon();
}
