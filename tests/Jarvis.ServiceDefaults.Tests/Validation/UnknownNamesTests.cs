using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Jarvis.ServiceDefaults.Envelopes;
using Jarvis.ServiceDefaults.OpenApi;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Jarvis.ServiceDefaults.Tests.Validation;

/// <summary>A service whose body has parts within parts, things that are free, and itself.</summary>
public sealed class UnknownNamesTests : IAsyncLifetime
{
    private readonly WebApplication _app = Build();
    private HttpClient Client { get; } = new();

    public async Task InitializeAsync()
    {
        await _app.StartAsync();
        Client.BaseAddress = new Uri(_app.Urls.First());
    }

    public async Task DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
    }

    [Theory]
    [InlineData("""{"steps": [{"name": "a"}, {"nmae": "b"}]}""", "steps[1].nmae: is not a field of this object; did you mean 'name'?")]
    [InlineData("""{"owner": {"emial": "x"}}""", "owner.emial: is not a field of this object; did you mean 'email'?")]
    [InlineData("""{"parent": {"parent": {"stesp": []}}}""", "parent.parent.stesp: is not a field of this object; did you mean 'steps'?")]
    [InlineData("""{"title": "a", "t\u0069tle": "b"}""", "title: is given more than once")]
    [InlineData("""{"owner": {"email": "a", "email": "b"}}""", "owner.email: is given more than once")]
    [InlineData("""{"t\u0069tel": "a"}""", "titel: is not a field of this body; did you mean 'title'?")]
    [InlineData("""{"Title": 1, "ownr": 2}""", "Title: is not a field of this body; did you mean 'title'?; ownr: is not a field of this body; did you mean 'owner'?")]
    [InlineData("""{"wait": 1}""", "wait: belongs into the address, not into the body: ?wait=")]
    public async Task Body_WithAWrongName_NamesWhereItIs(string body, string expected) => Assert.Equal(expected, await ErrorsAsync("/plans", body));

    [Theory]
    [InlineData("""{"title": "a", "payload": {"titel": 1, "titel": 2, "deep": [{"ownr": 1}]}, "labels": {"ttile": 1, "title": 2}, "anything": {"emial": 1}}""")]
    [InlineData("""{"title": "a", "\ud800": 1, "zzqx": {"titel": 1}, "_": 2}""")]
    [InlineData("""{"title": "a", "steps": null, "owner": "not an object", "parent": [1]}""")]
    [InlineData("[]")]
    [InlineData("7")]
    public async Task Body_WhoseOtherNamesAreTheCallersOwn_ReachesTheHandler(string body) => Assert.Equal("200", await ErrorsAsync("/plans", body));

    [Theory]
    [InlineData("""{"titel": 1, """)]
    [InlineData("")]
    public async Task Body_ThatIsNoJson_IsToldSo(string body) => Assert.Equal("400", await ErrorsAsync("/plans", body));

    [Fact]
    public async Task Body_InAnotherEncoding_IsReadInIt() =>
        Assert.Equal("titel: is not a field of this body; did you mean 'title'?", await ErrorsAsync("/plans", """{"titel": 1}""", Encoding.Unicode));

    [Fact]
    public async Task Body_OfManyChunks_IsLookedAtAndThenStillThere()
    {
        using var content = new PushedContent($$$"""{"title": "{{{new string('x', 300_000)}}}", "payload": {"a": 1}}""");
        using var response = await Client.PostAsync("/plans", content);
        Assert.Equal(300_000, (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("data").GetInt32());
    }

    [Fact]
    public async Task Names_ThatAreWrongInGreatNumber_AreCountedAndTheFirstNamed()
    {
        var body = $$"""{"steps": [{{string.Join(',', Enumerable.Repeat("{\"nmae\": 1}", 3_000))}}]}""";
        using var response = await Client.PostAsync("/plans", new StringContent(body, new MediaTypeHeaderValue("application/json")));
        var problem = await response.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal(20, problem.GetProperty("errors").EnumerateObject().Count());
        // As many as are compared: more say nothing new.
        Assert.Equal(1_000, problem.GetProperty("error_count").GetInt32());
    }

    [Theory]
    [InlineData("/plans?waut=1", "waut: is not a parameter of this route; did you mean 'wait'?")]
    [InlineData("/plans?w%61it=1", "200")]
    [InlineData("/plans?Wait=1&title=x", "Wait: is not a parameter of this route; did you mean 'wait'?; title: is a field of the body, not a parameter of the address")]
    [InlineData("/plans?=&&%&_=1&utm_source=x", "200")]
    public async Task Query_WithAWrongName_IsRefused(string path, string expected) => Assert.Equal(expected, await ErrorsAsync(path, """{"title": "a"}"""));

    [Fact]
    public async Task Query_AndBody_AreToldTogether() =>
        Assert.Equal("Wait: is not a parameter of this route; did you mean 'wait'?; titel: is not a field of this body; did you mean 'title'?", await ErrorsAsync("/plans?Wait=1", """{"titel": 1}"""));

    [Fact]
    public async Task Route_ThatIsNotDescribed_IsLeftAlone() => Assert.Equal("200", await ErrorsAsync("/plain?Wait=1&waut=2", """{"titel": 1}"""));

    private async Task<string> ErrorsAsync(string path, string body, Encoding? encoding = null)
    {
        using var content = new StringContent(body, encoding ?? Encoding.UTF8, "application/json");
        using var response = await Client.PostAsync(path, content);
        if ((int)response.StatusCode != 422)
            return $"{(int)response.StatusCode}";
        var errors = (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("errors");
        return string.Join("; ", errors.EnumerateObject().Select(error => $"{error.Name}: {string.Join(", ", error.Value.EnumerateArray())}"));
    }

    private static WebApplication Build()
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.AddServiceDefaults();
        var app = builder.Build();
        app.UseServiceDefaults();
        app.MapPost("/plans", ([FromBody] JsonElement body) => Enveloped.Ok(Length(body))).AllowAnonymous().WithName("create-plan").WithBody(typeof(Plan)).WithQuery("wait", "Seconds.", 0, 60);
        app.MapPost("/plain", ([FromBody] JsonElement body) => Enveloped.Ok(Length(body))).AllowAnonymous();
        return app;
    }

    private static int Length(JsonElement body) =>
        body.ValueKind == JsonValueKind.Object && body.TryGetProperty("title", out var title) && title.ValueKind == JsonValueKind.String ? title.GetString()!.Length : 0;

    private sealed record Plan(
        string Title, IReadOnlyList<Step>? Steps, Owner? Owner, Plan? Parent, JsonElement? Payload, IReadOnlyDictionary<string, int>? Labels, object? Anything);

    private sealed record Step(string Name);

    private sealed record Owner(string Email);

    /// <summary>A body without a length, in small pieces.</summary>
    private sealed class PushedContent : HttpContent
    {
        private readonly byte[] _bytes;

        public PushedContent(string json)
        {
            _bytes = Encoding.UTF8.GetBytes(json);
            Headers.ContentType = new MediaTypeHeaderValue("application/json");
        }

        protected override async Task SerializeToStreamAsync(Stream stream, System.Net.TransportContext? context)
        {
            foreach (var piece in _bytes.Chunk(10_000))
            {
                await stream.WriteAsync(piece);
                await stream.FlushAsync();
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
