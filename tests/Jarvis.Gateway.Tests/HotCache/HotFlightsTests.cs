using Jarvis.Gateway.HotCache;
using Jarvis.ServiceDefaults.Envelopes;

namespace Jarvis.Gateway.Tests.HotCache;

public sealed class HotFlightsTests
{
    private readonly HotFlights _flights = new();
    private readonly HotFlight _flight;

    public HotFlightsTests() => _flight = _flights.Enter("key", 1);

    [Fact]
    public void Leader_IsOne_AndItsAnswerIsForAll()
    {
        Assert.True(_flight.TryLead(out _));
        Assert.False(_flight.TryLead(out var change));
        var answer = new HotAnswer(PreparedBody.Of("text", "tag"), "one", null);
        _flight.Land(answer, isAbandoned: false);
        Assert.True(change.IsCompletedSuccessfully);
        Assert.Same(answer, _flight.Answer);
        Assert.False(_flight.TryLead(out _));
    }

    [Fact]
    public void Answers_ThatCannotBeShared_LetTwiceAsManyAsk()
    {
        var asking = new List<int>();
        for (var round = 0; round < 9; round++)
        {
            asking.Add(Lead());
            _flight.Land(null, isAbandoned: false);
        }
        // One is let go each time, and those who still ask count.
        Assert.Equal([1, 2, 3, 5, 9, 17, 33, 1, 1], asking);
    }

    [Fact]
    public void Waiting_ForTooLong_LetsTwiceAsManyAsk_HoweverManyHaveWaited()
    {
        Assert.Equal(1, Lead());
        Assert.False(_flight.TryLead(out var change));
        for (var n = 0; n < 100; n++)
            _flight.Tire(change);
        Assert.True(change.IsCompletedSuccessfully);
        Assert.Equal(1, Lead());
        Assert.False(_flight.TryLead(out change));
        _flight.Tire(change);
        Assert.Equal(2, Lead());
    }

    [Fact]
    public void Leader_WhoseClientWentAway_IsReplacedByOne()
    {
        Assert.Equal(1, Lead());
        _flight.Land(null, isAbandoned: true);
        Assert.Equal(1, Lead());
    }

    [Fact]
    public void Flight_EndsWithItsLastMember()
    {
        Assert.Same(_flight, _flights.Enter("key", 1));
        Assert.NotSame(_flight, _flights.Enter("key", 2));
        _flights.Leave("key", 1, _flight);
        Assert.Same(_flight, _flights.Enter("key", 1));
        _flights.Leave("key", 1, _flight);
        _flights.Leave("key", 1, _flight);
        Assert.NotSame(_flight, _flights.Enter("key", 1));
    }

    /// <summary>How many more are let ask.</summary>
    private int Lead()
    {
        var leaders = 0;
        while (_flight.TryLead(out _))
            leaders++;
        return leaders;
    }
}
