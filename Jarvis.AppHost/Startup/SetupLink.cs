using System.Net.Http.Json;
using System.Text.Json;

namespace Jarvis.AppHost.Startup;

/// <summary>The one-time link with which the first account is made. Its token is in the fragment, which no browser sends to a server.</summary>
static class SetupLink
{
    static readonly TimeSpan WaitAtMost = TimeSpan.FromSeconds(5);

    /// <summary>Null when there is an account already.</summary>
    public static async Task<string?> FindAsync(string? gateway, string? console, string token, CancellationToken cancellationToken)
    {
        if (gateway is null || console is null)
            return null;
        using var http = new HttpClient { BaseAddress = new Uri(gateway), Timeout = WaitAtMost };
        try
        {
            var answer = await http.GetFromJsonAsync<JsonElement>(new Uri("/api/v2/auth/setup", UriKind.Relative), cancellationToken);
            return answer.GetProperty("data").GetProperty("needed").GetBoolean() ? $"{console.TrimEnd('/')}/setup#token={token}" : null;
        }
        catch (Exception error) when (error is HttpRequestException or JsonException or KeyNotFoundException || (error is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return null;
        }
    }
}
