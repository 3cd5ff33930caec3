using System.Net.Http.Json;
using Jarvis.ServiceDefaults.Envelopes;
using Jarvis.ServiceDefaults.Registry;
using Jarvis.ServiceDefaults.Security;
using Microsoft.Extensions.Options;

namespace Jarvis.ServiceDefaults.Circuits;

/// <summary>How a service learns what was decided: from the copy in Redis, or from the gateway itself while there is none.</summary>
internal sealed class HeardDecisions(CarriedDecisions carried, IHttpClientFactory clients, IOptions<SecurityOptions> security, TimeProvider time) : ICircuitDecisions
{
    public const string ClientName = "circuit-decisions";
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(2);

    public async Task<IReadOnlyList<CircuitDecision>?> ReadAsync(CancellationToken cancellationToken) =>
        await carried.ReadAsync(cancellationToken) ?? await AskAsync(cancellationToken);

    private async Task<IReadOnlyList<CircuitDecision>?> AskAsync(CancellationToken cancellationToken)
    {
        // The gateway answers nobody who has no key.
        if (security.Value.ServiceKey.Length == 0)
            return null;
        using var limit = new CancellationTokenSource(Limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            using var client = clients.CreateClient(ClientName);
            using var response = await client.PostAsJsonAsync(
                new Uri(security.Value.KeysAddress, ControlApi.Path), new ControlQuestion(CircuitCommands.Decisions, null), JsonRules.Options, either.Token);
            if (!response.IsSuccessStatusCode)
                return null;
            var envelope = await response.Content.ReadFromJsonAsync<Envelope<ControlReply>>(JsonRules.Options, either.Token);
            return envelope is { Data.Failed: false } ? envelope.Data.As<IReadOnlyList<CircuitDecision>>() : null;
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            // Of whatever type: the gateway starts later than its services, and is asked again in a moment.
            return null;
        }
    }
}
