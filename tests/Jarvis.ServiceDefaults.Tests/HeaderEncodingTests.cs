using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace Jarvis.ServiceDefaults.Tests;

public sealed class HeaderEncodingTests(EchoApp app) : IClassFixture<EchoApp>
{
    [Theory]
    [InlineData("J\u00FCrgen", "J\u00FCrgen")]
    [InlineData("J\u00C3\u00BCrgen", "J\u00FCrgen")]
    [InlineData("\u00FF\u00FE", "\u00FF\u00FE")]
    [InlineData("Jurgen", "Jurgen")]
    public async Task HeaderValue_OfAnyBytes_ComesBackUnchanged_AndIsReadAsItIsMeant(string bytes, string meant)
    {
        using var client = Client();
        using var response = await SendAsync(client, "/name", ("X-Name", bytes));
        Assert.Equal([bytes], response.Headers.GetValues("X-Name"));
        Assert.Equal(meant, (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("data").GetString());
    }

    [Theory]
    [InlineData("tracestate", "v=\u00FC")]
    [InlineData("baggage", "a=\u00FC,b=%C3%BC")]
    [InlineData("X-Correlation-ID", "J\u00FCrgen-1")]
    [InlineData("traceparent", "00-\u00FC-\u00FC-01")]
    public async Task Call_ToSomebodyElse_IsNotFailedByWhatTheCallerSent(string name, string bytes)
    {
        using var client = Client();
        using var response = await SendAsync(client, "/call", ("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"), (name, bytes));
        Assert.Equal(200, (int)response.StatusCode);
    }

    private static Task<HttpResponseMessage> SendAsync(HttpClient client, string path, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        foreach (var (name, value) in headers)
        {
            request.Headers.Remove(name);
            request.Headers.TryAddWithoutValidation(name, value);
        }
        return client.SendAsync(request);
    }

    // Sends and reads each character as its byte, and nothing of its own.
    private HttpClient Client() => new(new SocketsHttpHandler
    {
        RequestHeaderEncodingSelector = static (_, _) => Encoding.Latin1,
        ResponseHeaderEncodingSelector = static (_, _) => Encoding.Latin1,
        ActivityHeadersPropagator = null,
    })
    {
        BaseAddress = app.Client.BaseAddress,
    };
}
