using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Jarvis.FunctionalTests.Stack;

internal static partial class SignInExtensions
{
    public const string Email = "admin@jarvis.test";
    public const string Password = "tides-of-the-test-stack";

    /// <summary>Signs in; every further request of the client is that account's.</summary>
    public static async Task<string> SignInAsync(this HttpClient client, string email = Email, string password = Password) =>
        await TakeTokenAsync(client, await client.PostAsJsonAsync("/api/v2/auth/login", new { email, password }));

    /// <summary>Makes the first account with the link that the AppHost printed, and is signed in as it.</summary>
    public static async Task<string> SetUpAsync(this HttpClient client, AppHostProcess host)
    {
        var link = SetupLink().Match(host.Output);
        Assert.True(link.Success, $"No link in:\n{host.Output}");
        return await TakeTokenAsync(client, await client.PostAsJsonAsync("/api/v2/auth/setup", new { token = link.Groups["token"].Value, email = Email, password = Password }));
    }

    private static async Task<string> TakeTokenAsync(HttpClient client, HttpResponseMessage response)
    {
        using (response)
        {
            var body = await response.Content.ReadFromJsonAsync<JsonElement>();
            Assert.True(response.IsSuccessStatusCode, body.GetRawText());
            var token = body.GetProperty("data").GetProperty("access_token").GetString()!;
            client.DefaultRequestHeaders.Authorization = new("Bearer", token);
            return token;
        }
    }

    [GeneratedRegex("/setup#token=(?<token>[0-9a-f]{64})", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex SetupLink();
}
