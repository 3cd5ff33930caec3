namespace Jarvis.Gateway.Front;

/// <summary>Whom the front door serves; section <c>Gateway</c>.</summary>
public sealed record FrontOptions
{
    /// <summary>
    /// Host names under which Jarvis is called, besides those of the loopback. Others are refused: a web page that points its own name at this machine (DNS rebinding)
    /// shall not reach it.
    /// </summary>
    public IReadOnlyList<string> AllowedHosts { get; init; } = [];

    /// <summary>Origins of browser pages besides Jarvis' own that may change something, such as <c>https://dash.example.com</c>.</summary>
    public IReadOnlyList<string> AllowedOrigins { get; init; } = [];
}
