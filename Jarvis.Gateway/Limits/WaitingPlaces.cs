using Jarvis.ServiceDefaults.Security;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Options;

namespace Jarvis.Gateway.Limits;

/// <summary>
/// Places for requests that ask a service to wait for the end of what they begin, and do nothing meanwhile: apart from those of requests
/// that work, and bounded for each account, so that a few who wait keep nobody from being served.
/// </summary>
internal sealed class WaitingPlaces(IOptions<ServiceQueueOptions> options)
{
    /// <summary>
    /// Key of a route's <c>Metadata</c>: the query parameter with the seconds to wait. A service answers without it as soon as it has
    /// accepted.
    /// </summary>
    public const string MetadataKey = "Waits";

    private readonly Lock _gate = new();
    private readonly Dictionary<string, int> _taken = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Service, Guid Account), int> _ofAccounts = [];

    /// <summary>
    /// A place for a request that asks to wait, to be given back; null when it does not ask, or when there is none: then it is no longer
    /// asked to wait.
    /// </summary>
    public IDisposable? Take(HttpContext context, string service, string? parameter)
    {
        if (parameter is null || !context.Request.Query.TryGetValue(parameter, out var seconds) || seconds is ["0" or ""])
            return null;
        if (TryTake(service, context.Caller()?.AccountId ?? Guid.Empty) is { } place)
            return place;
        var rest = QueryHelpers.ParseQuery(context.Request.QueryString.Value);
        rest.Remove(parameter);
        context.Request.QueryString = QueryString.Create(rest);
        return null;
    }

    private Place? TryTake(string service, Guid account)
    {
        lock (_gate)
        {
            var (all, own) = (_taken.GetValueOrDefault(service), _ofAccounts.GetValueOrDefault((service, account)));
            if (all >= options.Value.Waiting || own >= options.Value.WaitingPerUser)
                return null;
            (_taken[service], _ofAccounts[(service, account)]) = (all + 1, own + 1);
            return new Place(this, service, account);
        }
    }

    private void Return(string service, Guid account)
    {
        lock (_gate)
        {
            _taken[service]--;
            if (--_ofAccounts[(service, account)] == 0)
                _ofAccounts.Remove((service, account));
        }
    }

    private sealed class Place(WaitingPlaces places, string service, Guid account) : IDisposable
    {
        public void Dispose() => places.Return(service, account);
    }
}
