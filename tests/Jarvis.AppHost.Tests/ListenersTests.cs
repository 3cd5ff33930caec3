using System.Net;
using System.Net.Sockets;
using Jarvis.AppHost.Embedded;
using Jarvis.AppHost.Processes;

namespace Jarvis.AppHost.Tests;

public sealed class ListenersTests
{
    [Fact]
    public void Listeners_InTheKernelsTable_AreThoseThatListenAtThePort()
    {
        string[] table =
        [
            "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode",
            "   0: 0100007F:15B3 00000000:0000 0A 00000000:00000000 00:00000000 00000000   997        0 2760647 2 00000000a3c01e9a 100 0 "
                + "0 10 0",
            "   1: 00000000:15B3 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 2760648 2 00000000a3c01e9b 100 0 "
                + "0 10 0",
            "   2: 0100007F:15B3 0100007F:C001 01 00000000:00000000 00:00000000 00000000     0        0 2760649 2 00000000a3c01e9c 100 0 "
                + "0 10 0",
            "   3: 0100007F:15B4 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 2760650 2 00000000a3c01e9d 100 0 "
                + "0 10 0",
        ];

        Assert.Equal([997, 1000], Listeners.Parse(table, 0x15B3));
    }

    [Fact]
    public void Listeners_AsLsofNamesThem_AreRead() => Assert.Equal([501], Listeners.ParseLsof("p123\nu501\nf7\n"));

    [Fact]
    public async Task Listener_OfAnotherUser_IsToldNothing()
    {
        if (!OperatingSystem.IsLinux())
            return;
        using var port = FreePort.Take();

        Assert.Null(await Listeners.ComplaintAsync(port.Port, UserId.Own, CancellationToken.None));
        Assert.Contains("another user", await Listeners.ComplaintAsync(port.Port, UserId.Own + 1, CancellationToken.None),
            StringComparison.Ordinal);
        port.Dispose();
        Assert.NotNull(await Listeners.ComplaintAsync(port.Port, UserId.Own, CancellationToken.None));
    }

    [Fact]
    public void Port_ThatIsTaken_CannotBeTakenByOthersUntilItIsLetGo()
    {
        var port = FreePort.Take();
        using (var other = new TcpListener(IPAddress.Loopback, port.Port))
            Assert.Throws<SocketException>(other.Start);

        port.Dispose();

        using var server = new TcpListener(IPAddress.Loopback, port.Port);
        server.Start();
    }
}
