using Microsoft.AspNetCore.Http.Features;

namespace Jarvis.Gateway.Services;

/// <summary>How far a request's body has come from its client: what happens while a client is still sending may be the client's doing.</summary>
internal sealed class BodyArrival(TimeProvider time)
{
    private long _last;

    /// <summary>Nothing of the request is still to come.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>When bytes came last, as a timestamp; 0 as long as none did.</summary>
    public long Last => Volatile.Read(ref _last);

    /// <summary>Of a request that may have a body, until something tells of it.</summary>
    public static BodyArrival Begin(HttpContext context, TimeProvider time)
    {
        var arrival = new BodyArrival(time) { IsComplete = context.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: false } };
        context.Features.Set(arrival);
        return arrival;
    }

    /// <summary>So many bytes were read; none at the end.</summary>
    public void Read(int bytes)
    {
        Volatile.Write(ref _last, time.GetTimestamp());
        IsComplete |= bytes == 0;
    }
}
