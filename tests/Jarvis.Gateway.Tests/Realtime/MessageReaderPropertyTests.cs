using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Jarvis.Gateway.Realtime;

namespace Jarvis.Gateway.Tests.Realtime;

/// <summary>Bytes of any kind, and messages that were damaged: always one verdict, never an exception.</summary>
public sealed class MessageReaderPropertyTests
{
    private static readonly Config Cases = Config.QuickThrowOnFailure.WithMaxTest(10_000);

    private static readonly string[] Sound =
    [
        """{"type": "ping", "id": "a"}""",
        """{"type": "subscribe", "id": "b", "data": {"topics": ["task", "heartbeat"], "last_event_id": "1795262370497012", "filter": {"task_id": "01890000-0000-7000-8000-000000000000", "correlation_id": "req-123456"}}}""",
        """{"type": "unsubscribe", "data": {"topics": ["circuit"]}}""",
        """{"type": "unsubscribe", "data": null}""",
    ];

    private static readonly string[] Pieces =
    [
        "{", "}", "[", "]", ",", ":", "\"", "\\", "\\ud800", "\\u0000", "\"\\ud800\":1,", "1e999", "-0", "99999999999999999999", "null", "true", "\0", "\r\n", "\uFEFF", "\"type\":", "\"data\":",
        "\"topics\":", "\"id\":", "\"filter\":", "[[[[[[[[", "é", "\U0001F600", "\"ping\"", "\"subscribe\"", "\"last_event_id\":",
    ];

    [Fact]
    public void Read_AnyBytes_GivesOneVerdict()
    {
        var noise = Gen.Choose(0, 255).Select(number => (byte)number).ArrayOf();
        var soup = Gen.OneOf(Gen.Elements(Pieces), Gen.Elements(Sound)).ArrayOf().Select(pieces => Encoding.UTF8.GetBytes(string.Concat(pieces)));
        Check(Gen.OneOf(noise, soup));
    }

    [Fact]
    public void Read_DamagedMessages_GivesOneVerdict() => Check(
        from text in Gen.Elements(Sound)
        from changes in Gen.Choose(1, 3)
        from places in Gen.Choose(0, text.Length - 1).ArrayOf(changes)
        from lengths in Gen.Choose(0, 12).ArrayOf(changes)
        from pieces in Gen.OneOf(Gen.Elements(Pieces), Gen.Constant("")).ArrayOf(changes)
        select Encoding.UTF8.GetBytes(places.Zip(lengths, pieces).Aggregate(text, Damaged)));

    [Theory]
    [InlineData(0, typeof(PingMessage))]
    [InlineData(1, typeof(SubscribeMessage))]
    [InlineData(2, typeof(UnsubscribeMessage))]
    [InlineData(3, typeof(UnsubscribeMessage))]
    public void Read_SoundMessage_IsUnderstood(int index, Type type) => Assert.IsType(type, MessageReader.Read(Encoding.UTF8.GetBytes(Sound[index])));

    private static string Damaged(string text, (int Place, int Length, string Piece) change)
    {
        var at = Math.Min(change.Place, text.Length);
        return string.Concat(text.AsSpan(0, at), change.Piece, text.AsSpan(Math.Min(text.Length, at + change.Length)));
    }

    private static void Check(Gen<byte[]> messages) => Prop.ForAll(messages.ToArbitrary(), bytes => MessageReader.Read(bytes) switch
    {
        InvalidMessage invalid => invalid.Errors.Count > 0 && !ServerFrames.Invalid(invalid, DateTimeOffset.UnixEpoch).IsEmpty,
        SubscribeMessage subscribe => subscribe.Topics.Count > 0 && subscribe.Topics.All(Topics.Exists),
        UnsubscribeMessage unsubscribe => unsubscribe.Topics?.Count != 0,
        PingMessage ping => ping.Id is null or { Length: > 0 and <= 64 },
        _ => false,
    }).Check(Cases);
}
