using FsCheck;
using FsCheck.Fluent;
using Jarvis.ServiceDefaults.Envelopes;

namespace Jarvis.ServiceDefaults.Tests.Envelopes;

public sealed class AcceptedCodingTests
{
    [Theory]
    [InlineData("", PreparedCoding.Identity)]
    [InlineData("gzip", PreparedCoding.Gzip)]
    [InlineData("x-gzip", PreparedCoding.Gzip)]
    [InlineData("gzip, deflate, br, zstd", PreparedCoding.Brotli)]
    [InlineData("GZIP;q=0.8 , BR;q=0.5", PreparedCoding.Gzip)]
    [InlineData("br;q=0, gzip", PreparedCoding.Gzip)]
    [InlineData("*", PreparedCoding.Brotli)]
    [InlineData("*;q=0.1, br;q=0", PreparedCoding.Gzip)]
    [InlineData("gzip;q=0.5, identity", PreparedCoding.Identity)]
    [InlineData("gzip;q=0", PreparedCoding.Identity)]
    [InlineData("zstd", PreparedCoding.Identity)]
    [InlineData("gzip;q=banana", PreparedCoding.Identity)]
    [InlineData("*;q=0", PreparedCoding.Identity)]
    [InlineData("identity;q=0, zstd", PreparedCoding.Identity)]
    internal void Header_OfAnyForm_ChoosesTheBestThatIsTaken(string header, PreparedCoding expected) =>
        Assert.Equal(expected, AcceptedCoding.Of(header).Coding);

    [Theory]
    [InlineData("identity;q=0, gzip", true)]
    [InlineData("gzip, *;q=0", true)]
    [InlineData("gzip, *;q=0, identity;q=0.1", false)]
    [InlineData("gzip", false)]
    public void Identity_RuledOut_RequiresACoding(string header, bool required) => Assert.Equal(required, AcceptedCoding.Of(header).Required);

    [Fact]
    public void Header_OfAnyText_IsReadWithoutAnException() =>
        Prop.ForAll(ArbMap.Default.ArbFor<string>(), text => AcceptedCoding.Of(text).Coding is PreparedCoding.Identity or PreparedCoding.Gzip or PreparedCoding.Brotli)
            .Check(Config.QuickThrowOnFailure.WithMaxTest(2_000));
}
