using Microsoft.AspNetCore.Http.Features;

namespace Jarvis.Gateway.Realtime;

/// <summary>
/// Counts the frames that a client sends, whatever is in them (RFC 6455, 5.2): empty pieces of a message that never ends, and pings, which the framework answers by
/// itself, cost work and are no message. It stands between the connection and the framework, which tells of neither.
/// </summary>
internal sealed class FrameMeter
{
    private readonly FrameHeaders _headers = new();
    private MessageBudget? _budget;
    private Action? _flooded;

    /// <summary>Puts itself where the request's WebSocket gets its bytes from. Before the framework's own middleware.</summary>
    public static void Put(HttpContext context)
    {
        var meter = new FrameMeter();
        if (context.Features.Get<IHttpUpgradeFeature>() is { } upgrade)
            context.Features.Set<IHttpUpgradeFeature>(new Upgrade(upgrade, meter));
        if (context.Features.Get<IHttpExtendedConnectFeature>() is { } connect)
            context.Features.Set<IHttpExtendedConnectFeature>(new Connect(connect, meter));
        context.Features.Set(meter);
    }

    /// <summary>From now on each frame takes from <paramref name="budget"/>; the first that finds nothing there calls <paramref name="flooded"/>.</summary>
    public void Begin(MessageBudget budget, Action flooded) => (_budget, _flooded) = (budget, flooded);

    /// <summary>These bytes came.</summary>
    internal void Take(ReadOnlySpan<byte> bytes)
    {
        for (var frames = _headers.Count(bytes); frames > 0; frames--)
        {
            if (_budget?.TryTake() is not false)
                continue;
            var flooded = _flooded;
            (_budget, _flooded) = (null, null);
            flooded?.Invoke();
            return;
        }
    }

    private sealed class Upgrade(IHttpUpgradeFeature inner, FrameMeter meter) : IHttpUpgradeFeature
    {
        public bool IsUpgradableRequest => inner.IsUpgradableRequest;

        public async Task<Stream> UpgradeAsync() => new MeteredStream(await inner.UpgradeAsync(), meter);
    }

    private sealed class Connect(IHttpExtendedConnectFeature inner, FrameMeter meter) : IHttpExtendedConnectFeature
    {
        public bool IsExtendedConnect => inner.IsExtendedConnect;

        public string? Protocol => inner.Protocol;

        public async ValueTask<Stream> AcceptAsync() => new MeteredStream(await inner.AcceptAsync(), meter);
    }
}
