using Aspire.Hosting.Endpoints;

namespace Jarvis.StandIns.Tests.Hosting;

public sealed class PortReservationTests
{
    [Fact]
    public void Claim_OfAPortThatAnotherHostIsAboutToUse_IsRefusedUntilThatHostEnds()
    {
        using var free = PortReservation.TakeAny();
        free.Dispose();
        using (var first = PortReservation.TryClaim(free.Port, out var claim))
        {
            Assert.NotNull(first);
            // As just before its process starts: nobody listens, and the port looks free.
            first.Dispose();
            Assert.Null(PortReservation.TryClaim(free.Port, out var refused));
            Assert.Null(refused);
            claim!.Dispose();
        }

        using var next = PortReservation.TryClaim(free.Port, out var own);
        using (own)
            Assert.NotNull(next);
    }
}
