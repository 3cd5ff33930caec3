using Jarvis.ServiceDefaults.Registry;
using Microsoft.Extensions.DependencyInjection;

namespace Jarvis.ServiceDefaults.Circuits;

/// <summary>What is done to a circuit.</summary>
/// <param name="Name">The circuit's, within the service.</param>
/// <param name="Reason">Why it is isolated.</param>
/// <param name="Revision">Of the decision that is carried out (<see cref="CircuitDecision"/>).</param>
public sealed record CircuitCommand(string Name, string? Reason = null, long Revision = 0);

/// <summary>What every process answers about its circuits.</summary>
public static class CircuitCommands
{
    /// <summary>No arguments; answered with a list of <see cref="CircuitReport"/>.</summary>
    public const string List = "circuits";

    /// <summary><see cref="CircuitCommand"/>; answered with the circuit's <see cref="CircuitReport"/>, or null when there is none.</summary>
    public const string Isolate = "circuits.isolate";

    /// <inheritdoc cref="Isolate"/>
    public const string Reset = "circuits.reset";

    /// <summary>No arguments; answered by gateways with a list of <see cref="CircuitDecision"/>.</summary>
    public const string Decisions = "circuits.decisions";

    internal static void AddCircuitCommands(this IServiceCollection services)
    {
        services.AddControlHandler<object, IReadOnlyList<CircuitReport>>(List, (provider, _, _) => Task.FromResult(Registry(provider).Reports()));
        services.AddControlHandler<CircuitCommand, CircuitReport?>(Isolate, async (provider, command, cancellationToken) =>
            command is null ? null : await Registry(provider).IsolateAsync(command.Name, command.Reason, command.Revision, cancellationToken));
        services.AddControlHandler<CircuitCommand, CircuitReport?>(Reset, async (provider, command, cancellationToken) =>
            command is null ? null : await Registry(provider).ResetAsync(command.Name, command.Revision, cancellationToken));
    }

    private static CircuitRegistry Registry(IServiceProvider provider) => provider.GetRequiredService<CircuitRegistry>();
}
