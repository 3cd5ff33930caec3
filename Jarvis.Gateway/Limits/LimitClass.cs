namespace Jarvis.Gateway.Limits;

/// <summary>Classes of requests with a limit of their own.</summary>
internal enum LimitClass
{
    Read,
    Write,

    /// <summary>Runs something. Exact: never from a lease, and refused while Redis is gone.</summary>
    Execute,

    /// <summary>Where passwords and tokens are tried. Exact, as <see cref="Execute"/>.</summary>
    Auth,
}
