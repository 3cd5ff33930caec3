using System.Net;
using System.Net.Sockets;

namespace Aspire.Hosting.Endpoints;

/// <summary>A port that is held on both loopback addresses until just before its process starts, so that nobody else gets it in between.</summary>
sealed class PortReservation : IDisposable
{
    // Below the ephemeral range of every platform: an outgoing connection can never take a port that was chosen here.
    const int First = 20_000;
    const int Last = 32_000;

    readonly List<Socket> _sockets = [];

    PortReservation(int port) => Port = port;

    public int Port { get; }

    public static PortReservation? TryTake(int port)
    {
        var reservation = new PortReservation(port);
        try
        {
            reservation.Hold(IPAddress.Loopback);
            if (Socket.OSSupportsIPv6)
                reservation.Hold(IPAddress.IPv6Loopback);
            return reservation;
        }
        catch (SocketException error) when (error.SocketErrorCode is SocketError.AddressAlreadyInUse or SocketError.AccessDenied)
        {
            reservation.Dispose();
            return null;
        }
    }

    /// <summary>
    /// The port, if it is free and no other host wants it for a process that it is about to start: between the end of a reservation and the process'
    /// own listening the port looks free. The claim ends with the host, however it ends.
    /// </summary>
    public static PortReservation? TryClaim(int port, out IDisposable? claim)
    {
        claim = null;
        try
        {
            var folder = Directory.CreateDirectory(Path.Combine(Path.GetTempPath(), $"aspire-ports-{Environment.UserName}"));
            claim = new FileStream(Path.Combine(folder.FullName, $"{port}.claim"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }

        if (TryTake(port) is { } reservation)
            return reservation;
        claim.Dispose();
        claim = null;
        return null;
    }

    public static PortReservation TakeAny()
    {
        for (var attempt = 0; attempt < 1_000; attempt++)
        {
            if (TryTake(Random.Shared.Next(First, Last)) is { } reservation)
                return reservation;
        }

        throw new DistributedApplicationException($"No free port between {First} and {Last} on loopback.");
    }

    public void Dispose() => _sockets.ForEach(socket => socket.Dispose());

    void Hold(IPAddress address)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        _sockets.Add(socket);
        try
        {
            socket.Bind(new IPEndPoint(address, Port));
            socket.Listen(1);
        }
        catch (SocketException error) when (error.SocketErrorCode == SocketError.AddressNotAvailable)
        {
            // IPv6 is compiled in and switched off.
        }
    }
}
