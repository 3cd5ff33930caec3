using System.Net;
using System.Net.Sockets;

namespace Aspire.Hosting.Endpoints;

/// <summary>Passes TCP connections on to the instances of a resource in turn; one that does not accept is skipped.</summary>
sealed class Forwarder(int port, int[] targets) : IDisposable
{
    readonly CancellationTokenSource _stop = new();
    readonly List<TcpListener> _listeners = [];
    int _next = -1;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var address in Socket.OSSupportsIPv6 ? [IPAddress.Loopback, IPAddress.IPv6Loopback] : new[] { IPAddress.Loopback })
        {
            if (await ListenAsync(address, cancellationToken) is not { } listener)
                continue;
            _listeners.Add(listener);
            _ = AcceptAsync(listener);
        }
    }

    /// <summary>Null where the address family is switched off.</summary>
    async Task<TcpListener?> ListenAsync(IPAddress address, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var listener = new TcpListener(address, port);
            try
            {
                listener.Start();
                return listener;
            }
            catch (SocketException error) when (error.SocketErrorCode == SocketError.AddressNotAvailable)
            {
                return null;
            }
            catch (SocketException error) when (error.SocketErrorCode == SocketError.AddressAlreadyInUse && attempt < 40)
            {
                // A child that is being started at this moment still has a copy of the socket that held the port, until it runs its own program.
                await Task.Delay(50, cancellationToken);
            }
        }
    }

    public void Dispose()
    {
        _stop.Cancel();
        _listeners.ForEach(listener => listener.Dispose());
        _stop.Dispose();
    }

    async Task AcceptAsync(TcpListener listener)
    {
        var stopping = _stop.Token;
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                _ = ForwardAsync(await listener.AcceptSocketAsync(stopping), stopping);
            }
            catch (Exception error) when (error is SocketException or OperationCanceledException or ObjectDisposedException)
            {
                // A client that left before it was accepted, or the end.
            }
        }
    }

    async Task ForwardAsync(Socket client, CancellationToken stopping)
    {
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        using (client)
        using (var target = await ConnectAsync(stopping))
        {
            if (target is not null)
                await Task.WhenAll(PumpAsync(client, target, linked), PumpAsync(target, client, linked));
        }
    }

    async Task<Socket?> ConnectAsync(CancellationToken stopping)
    {
        for (var attempt = 0; attempt < targets.Length; attempt++)
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            try
            {
                var index = (uint)Interlocked.Increment(ref _next) % (uint)targets.Length;
                await socket.ConnectAsync("localhost", targets[index], stopping);
                return socket;
            }
            catch (Exception error) when (error is SocketException or OperationCanceledException)
            {
                socket.Dispose();
            }
        }

        return null;
    }

    static async Task PumpAsync(Socket from, Socket to, CancellationTokenSource both)
    {
        var buffer = new byte[16 * 1024];
        try
        {
            from.NoDelay = true;
            int read;
            while ((read = await from.ReceiveAsync(buffer, SocketFlags.None, both.Token)) > 0)
            {
                for (var sent = 0; sent < read;)
                    sent += await to.SendAsync(buffer.AsMemory(sent, read - sent), SocketFlags.None, both.Token);
            }

            to.Shutdown(SocketShutdown.Send);
        }
        catch (Exception error) when (error is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // One direction broke, so the other ends too.
            await both.CancelAsync();
        }
    }
}
