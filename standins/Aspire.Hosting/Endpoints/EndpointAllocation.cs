using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Endpoints;

/// <summary>The ports of one endpoint: the one that clients see, and the one on which each instance listens.</summary>
sealed partial class EndpointAllocation : IDisposable
{
    readonly List<PortReservation> _reservations = [];
    readonly List<IDisposable> _claims = [];
    readonly SemaphoreSlim _gate = new(1, 1);
    Forwarder? _forwarder;
    bool _open;

    EndpointAllocation(EndpointAnnotation endpoint, int instances)
    {
        Endpoint = endpoint;
        TargetPorts = new int[instances];
    }

    public EndpointAnnotation Endpoint { get; }
    public int[] TargetPorts { get; }

    /// <summary>Why this endpoint cannot be had; null when all is well.</summary>
    public string? Error { get; private set; }

    /// <summary>Stands in arguments and variables for the port of the instance that is being started.</summary>
    public string TargetPortMark => $"{{{{- portForServing \"{Endpoint.Name}\" -}}}}";

    public static EndpointAllocation Create(IResource resource, EndpointAnnotation endpoint, bool randomizePorts, ILogger logger)
    {
        Validate(resource, endpoint);
        var allocation = new EndpointAllocation(endpoint, resource.GetReplicaCount());
        var wanted = randomizePorts && endpoint.IsProxied ? null : endpoint.Port;
        var fixedTarget = endpoint.TargetPort;
        var forwarded = allocation.TargetPorts.Length > 1 || (wanted is not null && fixedTarget is not null && wanted != fixedTarget);
        var port = allocation.Take(resource, forwarded ? wanted : wanted ?? fixedTarget, logger);

        for (var i = 0; i < allocation.TargetPorts.Length; i++)
            allocation.TargetPorts[i] = forwarded ? allocation.Take(resource, fixedTarget, logger) : port;
        if (forwarded)
            allocation._forwarder = new Forwarder(port, allocation.TargetPorts);
        endpoint.AllocatedEndpoint = new AllocatedEndpoint(endpoint, "localhost", port, allocation.TargetPorts.Length == 1 ? $"{allocation.TargetPorts[0]}" : allocation.TargetPortMark);
        return allocation;
    }

    /// <summary>Frees the ports for the process that is about to start.</summary>
    public async Task OpenAsync(CancellationToken cancellationToken)
    {
        // Every replica comes by here, at the same time.
        await _gate.WaitAsync(cancellationToken);
        try
        {
            _reservations.ForEach(reservation => reservation.Dispose());
            _reservations.Clear();
            if (!_open && Error is null && _forwarder is not null)
                await _forwarder.StartAsync(cancellationToken);
            _open = true;
        }
        finally
        {
            _gate.Release();
        }
    }

    public void Dispose()
    {
        _reservations.ForEach(reservation => reservation.Dispose());
        _claims.ForEach(claim => claim.Dispose());
        _forwarder?.Dispose();
        _gate.Dispose();
    }

    static void Validate(IResource resource, EndpointAnnotation endpoint)
    {
        if (endpoint.IsProxied)
            return;
        if (endpoint.Port is null && endpoint.TargetPort is null)
            throw new DistributedApplicationException($"Service '{resource.Name}' needs to specify a port for endpoint '{endpoint.Name}' since it isn't using a proxy.");
        if (resource.GetReplicaCount() > 1)
            throw new DistributedApplicationException($"Resource '{resource.Name}' uses multiple replicas and a proxy-less endpoint '{endpoint.Name}'. These features do not work together.");
        if (endpoint.Port is { } port && port != endpoint.TargetPort)
            throw new DistributedApplicationException($"The endpoint '{endpoint.Name}' for resource '{resource.Name}' is not using a proxy, so its Port and TargetPort must be the same.");
    }

    int Take(IResource resource, int? wanted, ILogger logger)
    {
        IDisposable? claim = null;
        var reservation = wanted is not { } port ? PortReservation.TakeAny()
            : Endpoint.FromLaunchProfile ? PortReservation.TryClaim(port, out claim)
            : PortReservation.TryTake(port);
        if (claim is not null)
            _claims.Add(claim);
        if (reservation is null && Endpoint.FromLaunchProfile)
        {
            reservation = PortReservation.TakeAny();
            LogPreferredPortTaken(logger, wanted!.Value, reservation.Port);
        }

        if (reservation is null)
        {
            Error ??= $"Port {wanted} is taken by another process, and the endpoint '{Endpoint.Name}' of '{resource.Name}' asks for just that port. Stop the other process, or choose another port";
            return wanted!.Value;
        }

        _reservations.Add(reservation);
        return reservation.Port;
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Information, Message = "Port {Wanted} of the launch profile is taken; using {Port} instead.")]
    static partial void LogPreferredPortTaken(ILogger logger, int wanted, int port);
}
