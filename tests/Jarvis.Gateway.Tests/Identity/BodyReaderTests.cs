using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Jarvis.Gateway.Identity;
using Jarvis.Gateway.Identity.Accounts;
using Jarvis.ServiceDefaults.Errors;

namespace Jarvis.Gateway.Tests.Identity;

public sealed class BodyReaderTests
{
    [Fact]
    public void Body_WithWrongFields_IsRefusedWithEveryOne()
    {
        var body = Read("""{"email": 5, "name": "a\u0000b", "role": "king", "disabled": "yes", "days": 1.5, "scopes": ["read", "fly"], "half": "\ud800"}""");
        body.Text("email", 10);
        body.OptionalText("name", 10);
        body.OneOf("role", "viewer", "viewer", "admin");
        body.Flag("disabled");
        body.Whole("days", 1, 10);
        body.Words("scopes", ["read", "run"]);
        body.OptionalText("half", 10);
        body.Text("missing", 10);
        var errors = Assert.Throws<FailureException>(body.ThrowIfWrong).Failure.Errors!;
        Assert.Equal(["days", "disabled", "email", "half", "missing", "name", "role", "scopes"], errors.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Body_WithNulls_IsAsWithoutTheFields()
    {
        var body = Read("""{"name": null, "role": null, "disabled": null, "days": null, "scopes": null}""");
        Assert.Null(body.OptionalText("name", 10));
        Assert.Equal("viewer", body.OneOf("role", "viewer", "viewer", "admin"));
        Assert.Null(body.Flag("disabled"));
        Assert.Null(body.Whole("days", 1, 10));
        Assert.Null(body.Words("scopes", ["read"]));
        body.ThrowIfWrong();
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("\"text\"")]
    [InlineData("null")]
    public void Body_ThatIsNoObject_Is400(string json) => Assert.Equal(400, Assert.Throws<FailureException>(() => Read(json)).Failure.Status);

    [Theory]
    [InlineData("ada@example.com")]
    [InlineData("ada.lovelace+jarvis@mail.example.co.uk")]
    [InlineData("a@b")]
    public void Email_ThatIsOne_IsTaken(string text) => Assert.True(EmailAddress.IsValid(text));

    [Theory]
    [InlineData("")]
    [InlineData("ada")]
    [InlineData("@example.com")]
    [InlineData("ada@")]
    [InlineData("ada@@example.com")]
    [InlineData("ada@example..com")]
    [InlineData("Ada <ada@example.com>")]
    [InlineData("ada@example.com, eve@example.com")]
    [InlineData("ada@example.com\r\nBcc: eve@example.com")]
    [InlineData("ädä@example.com")]
    [InlineData("ada@[127.0.0.1]")]
    public void Email_ThatIsNone_IsRefused(string text) => Assert.False(EmailAddress.IsValid(text));

    [Fact]
    public void Email_OfAnyText_NeverThrows() =>
        Prop.ForAll(ArbMap.Default.GeneratorFor<NonNull<string>>().ToArbitrary(), text => EmailAddress.IsValid(text.Get) || !EmailAddress.IsValid($"{text.Get}@\n"))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(5_000));

    private static BodyReader Read(string json) => new(JsonSerializer.Deserialize<JsonElement>(json));
}
