using Jarvis.Gateway.Services;
using Jarvis.ServiceDefaults.Circuits;
using Jarvis.ServiceDefaults.Errors;

namespace Jarvis.Gateway.Circuits;

/// <summary>Every circuit of every process.</summary>
/// <param name="Unreachable">Who did not say: <c>service/instance</c>, or <c>service</c>.</param>
/// <param name="Partial">Whether there may be more replicas than were asked.</param>
internal sealed record CircuitsAnswer(IReadOnlyList<CircuitReport> CircuitBreakers, IReadOnlyList<string> Unreachable, bool Partial);

/// <summary>What a command did.</summary>
/// <param name="Circuits">The circuits that it was for, as <c>service/name</c>.</param>
/// <param name="Confirmed">Each replica's circuit, as it stands now.</param>
/// <param name="Unreachable">Who did not confirm: <c>service/instance</c>, or <c>service</c>.</param>
/// <param name="Partial">Whether there may be more replicas than were told.</param>
/// <param name="Lasting">Whether Redis keeps it: replicas that were not reached, or start later, follow within seconds.</param>
internal sealed record CircuitCommandAnswer(
    IReadOnlyList<string> Circuits, IReadOnlyList<CircuitReport> Confirmed, IReadOnlyList<string> Unreachable, bool Partial, bool Lasting);

/// <summary>The circuits of all services and replicas, from one place.</summary>
internal sealed class CircuitsOfAll(ControlPlane control, CircuitHolds holds, TimeProvider time)
{
    public async Task<CircuitsAnswer> ListAsync(CancellationToken cancellationToken)
    {
        var heard = await control.AskAsync(CircuitCommands.List, null, cancellationToken);
        return new(
            [
                .. heard.Replies.SelectMany(reply => reply.As<IReadOnlyList<CircuitReport>>() ?? [])
                    .OrderBy(circuit => circuit.Service, StringComparer.Ordinal).ThenBy(circuit => circuit.Name, StringComparer.Ordinal).ThenBy(circuit => circuit.Instance, StringComparer.Ordinal),
            ],
            heard.Unreachable, heard.Partial);
    }

    /// <summary>Isolates a circuit on every replica, until it is reset.</summary>
    /// <param name="service">Whose circuit; null when each that has one of this name is meant.</param>
    /// <param name="name">The circuit's name.</param>
    /// <param name="reason">Why, in the words of whoever does it.</param>
    /// <exception cref="FailureException">404 when no process has such a circuit.</exception>
    public Task<CircuitCommandAnswer> IsolateAsync(string? service, string name, string? reason, CancellationToken cancellationToken) =>
        CommandAsync(CircuitCommands.Isolate, service, name, reason, key => holds.PutAsync(key, new(reason, time.GetUtcNow()), cancellationToken), cancellationToken);

    /// <summary>Closes a circuit on every replica, whatever it was.</summary>
    /// <inheritdoc cref="IsolateAsync"/>
    public Task<CircuitCommandAnswer> ResetAsync(string? service, string name, CancellationToken cancellationToken) =>
        CommandAsync(CircuitCommands.Reset, service, name, null, key => holds.RemoveAsync(key, cancellationToken), cancellationToken);

    private async Task<CircuitCommandAnswer> CommandAsync(
        string kind, string? service, string name, string? reason, Func<string, Task<bool>> keep, CancellationToken cancellationToken)
    {
        var services = await WhoHasAsync(service, name, cancellationToken);
        // Kept first: a replica that starts in between finds it.
        var kept = await Task.WhenAll(services.Select(one => keep(CircuitHolds.Key(one, name))));
        var lasting = kept.All(done => done);
        var heard = await control.AskAsync(kind, new CircuitCommand(name, reason, lasting), cancellationToken, services.Contains);
        return new(
            [.. services.Order(StringComparer.Ordinal).Select(one => $"{one}/{name}")],
            [.. heard.Replies.Select(reply => reply.As<CircuitReport>()).OfType<CircuitReport>()], heard.Unreachable, heard.Partial, lasting);
    }

    private async Task<IReadOnlySet<string>> WhoHasAsync(string? service, string name, CancellationToken cancellationToken)
    {
        var all = await ListAsync(cancellationToken);
        var found = all.CircuitBreakers.Where(circuit => circuit.Name == name && (service is null || circuit.Service == service))
            .Select(circuit => circuit.Service).ToHashSet(StringComparer.Ordinal);
        if (found.Count > 0)
            return found;
        var asked = service is null ? name : $"{service}/{name}";
        var silent = all.Unreachable.Count == 0 ? "" : $" {string.Join(", ", all.Unreachable)} did not answer.";
        throw Failure.NotFound($"No circuit is named '{(asked.Length <= 100 ? asked : $"{asked[..100]}…")}'. There are: {Names(all)}.{silent}").AsException();
    }

    private static string Names(CircuitsAnswer all) =>
        string.Join(", ", all.CircuitBreakers.Select(circuit => $"{circuit.Service}/{circuit.Name}").Distinct(StringComparer.Ordinal).DefaultIfEmpty("none"));
}
