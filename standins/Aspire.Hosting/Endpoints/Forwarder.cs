using System.Net;
using System.Net.Sockets;

namespace Aspire.Hosting.Endpoints;

/// <summary>Passes TCP connections on to the instances of a resource in turn; one that does not accept is skipped.</summary>
sealed class Forwarder(int port, int[] targets) : IDisposable
{
    readonly CancellationTokenSource _stop = new();
    readonly List<TcpListener> _listeners = [];
    int _next = -1;

    public void Start()
    {
        foreach (var address in Socket.OSSupportsIPv6 ? [IPAddress.Loopback, IPAddress.IPv6Loopback] : new[] { IPAddress.Loopback })
        {
            var listener = new TcpListener(address, port);
            try
            {
                listener.Start();
            }
            catch (SocketException error) when (error.SocketErrorCode == SocketError.AddressNotAvailable)
            {
                continue;
            }

            _listeners.Add(listener);
            _ = AcceptAsync(listener);
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
        using (client)
        using (var linked = CancellationTokenSource.CreateLinkedTokenSource(stopping))
        {
            try
            {
                using var target = await ConnectAsync(stopping);
                if (target is null)
                    return;
                client.NoDelay = target.NoDelay = true;
                var up = PumpAsync(client, target, linked.Token);
                var down = PumpAsync(target, client, linked.Token);
                await Task.WhenAll(up, down);
            }
            catch (Exception error) when (error is SocketException or OperationCanceledException or ObjectDisposedException)
            {
                // Either side closed the connection; the other one is closed with it.
                await linked.CancelAsync();
            }
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
            catch (SocketException)
            {
                socket.Dispose();
            }
        }

        return null;
    }

    static async Task PumpAsync(Socket from, Socket to, CancellationToken cancellationToken)
    {
        var buffer = new byte[16 * 1024];
        int read;
        while ((read = await from.ReceiveAsync(buffer, SocketFlags.None, cancellationToken)) > 0)
        {
            for (var sent = 0; sent < read;)
                sent += await to.SendAsync(buffer.AsMemory(sent, read - sent), SocketFlags.None, cancellationToken);
        }

        to.Shutdown(SocketShutdown.Send);
    }
}
