using Jarvis.Catalog.Authoring;
using Jarvis.Catalog.Formats;
using Jarvis.Catalog.Library;
using Jarvis.Catalog.Resources;
using Jarvis.ServiceDefaults.Errors;
using Microsoft.AspNetCore.Http;

namespace Jarvis.Catalog.Tests;

public sealed class AuthoringPreconditionTests
{
    private static readonly CatalogEntry Shown = new(new Agent { Name = "a", Description = "d", Version = 7 }, default, new ResourceContent([], "text/markdown", "utf-8", "x"), "0123456789abcdef");

    [Theory]
    [InlineData("*", null)]
    [InlineData("\"0123456789abcdef\"", "7")]
    [InlineData("\"0123456789abcdef-gz\"", "7")]
    [InlineData("\"0123456789abcdef-br\"", "7")]
    [InlineData("\"0123456789abcdef-raw\"", "7")]
    [InlineData("W/\"0123456789abcdef\"", "")]
    [InlineData("\"fedcba9876543210\"", "")]
    [InlineData("\"3\"", "3")]
    [InlineData("\"-3\"", "")]
    [InlineData("\"3\", \"x\", \"0123456789abcdef\"", "3,7")]
    public void IfMatch_OfAnyForm_AllowsTheseVersions(string header, string? versions)
    {
        var allowed = Precondition.Read(Request(header))!.Versions(Shown, 7);
        Assert.Equal(versions, allowed is null ? null : string.Join(',', allowed));
    }

    [Fact]
    public void IfMatch_Absent_IsNone() => Assert.Null(Precondition.Read(new DefaultHttpContext().Request));

    [Theory]
    [InlineData("")]
    [InlineData("abc")]
    [InlineData("\"a\", b")]
    public void IfMatch_ThatCannotBeRead_Is400(string header) =>
        Assert.Equal(400, Assert.Throws<FailureException>(() => Precondition.Read(Request(header))).Failure.Status);

    private static HttpRequest Request(string ifMatch) => new DefaultHttpContext { Request = { Headers = { IfMatch = ifMatch } } }.Request;
}
