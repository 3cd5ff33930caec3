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
/// <param name="Lasting">Always true: it is written down, and replicas that were not reached, or start later, follow within seconds.</param>
internal sealed record CircuitCommandAnswer(
    IReadOnlyList<string> Circuits, IReadOnlyList<CircuitReport> Confirmed, IReadOnlyList<string> Unreachable, bool Partial, bool Lasting);

/// <summary>The circuits of all services and replicas, from one place.</summary>
internal sealed class CircuitsOfAll(ControlPlane control, ICircuitDecisionStore store, ICircuitDecisions decisions)
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

    /// <summary>Isolates a circuit on every replica until it is reset, or resets it. It is written down, and audited, before anything is done.</summary>
    /// <param name="context">Of the request.</param>
    /// <param name="isolated">False closes it, whatever it was.</param>
    /// <param name="service">Whose circuit; null when each that has one of this name is meant.</param>
    /// <param name="name">The circuit's name.</param>
    /// <param name="reason">Why it is isolated, in the words of whoever does it.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="FailureException">404 when no process has such a circuit, and none was decided about.</exception>
    public async Task<CircuitCommandAnswer> DecideAsync(
        HttpContext context, bool isolated, string? service, string name, string? reason, CancellationToken cancellationToken)
    {
        var services = await WhoHasAsync(service, name, cancellationToken);
        string[] circuits = [.. services.Order(StringComparer.Ordinal).Select(one => CircuitDecision.Key(one, name))];
        var revision = await store.DecideAsync(context, circuits, isolated, reason, cancellationToken);
        // Carried on at once, for who is not reached by the command.
        await decisions.ReadAsync(cancellationToken);
        var heard = await control.AskAsync(
            isolated ? CircuitCommands.Isolate : CircuitCommands.Reset, new CircuitCommand(name, reason, revision), cancellationToken, services.Contains);
        return new(circuits, [.. heard.Replies.Select(reply => reply.As<CircuitReport>()).OfType<CircuitReport>()], heard.Unreachable, heard.Partial, Lasting: true);
    }

    private async Task<IReadOnlySet<string>> WhoHasAsync(string? service, string name, CancellationToken cancellationToken)
    {
        var all = await ListAsync(cancellationToken);
        var found = all.CircuitBreakers.Where(circuit => circuit.Name == name && (service is null || circuit.Service == service))
            .Select(circuit => circuit.Service).ToHashSet(StringComparer.Ordinal);
        // What was isolated can be reset while none of its processes answers.
        foreach (var decision in await store.ReadAsync(cancellationToken))
        {
            if (decision.Isolated && decision.Circuit.Split('/', 2) is [var whose, var which] && which == name && (service is null || whose == service))
                found.Add(whose);
        }
        if (found.Count > 0)
            return found;
        var asked = service is null ? name : $"{service}/{name}";
        var silent = all.Unreachable.Count == 0 ? "" : $" {string.Join(", ", all.Unreachable)} did not answer.";
        throw Failure.NotFound($"No circuit is named '{(asked.Length <= 100 ? asked : $"{asked[..100]}…")}'. There are: {Names(all)}.{silent}").AsException();
    }

    private static string Names(CircuitsAnswer all) =>
        string.Join(", ", all.CircuitBreakers.Select(circuit => $"{circuit.Service}/{circuit.Name}").Distinct(StringComparer.Ordinal).DefaultIfEmpty("none"));
}
