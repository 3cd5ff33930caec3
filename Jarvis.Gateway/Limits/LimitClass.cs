namespace Jarvis.Gateway.Limits;

/// <summary>Classes of requests with a limit of their own.</summary>
internal enum LimitClass
{
    Read,
    Write,

    /// <summary>Runs something. Exact: never from a lease, and refused while Redis is gone.</summary>
    Execute,

    /// <summary>Where passwords and tokens are tried, and fail: by account or token. Exact, as <see cref="Execute"/>.</summary>
    Auth,

    /// <summary>What failed of <see cref="Auth"/> from one network, whatever it was about. Exact, as <see cref="Execute"/>.</summary>
    AuthFailures,
}
