using System.Net.Http.Json;
using System.Text.Json;
using Jarvis.AppHost.Data;

namespace Jarvis.AppHost.Services;

/// <summary>The one-time link with which the first account is made, as the Aspire dashboard prints one, and the address at which to sign in.</summary>
sealed class SignInLinks(DistributedApplicationModel model, Secrets secrets)
{
    static readonly TimeSpan WaitAtMost = TimeSpan.FromSeconds(5);

    /// <summary>The public address, or null while it is not known.</summary>
    public string? Console => Url(PublicEndpoint.Name);

    /// <summary>Null when there is an account already, or when the gateway does not say.</summary>
    public async Task<string?> FindSetupAsync(CancellationToken cancellationToken)
    {
        // Asked within the machine, where no certificate is in the way.
        if (Url(ServiceExtensions.HttpEndpoint) is not { } gateway || Console is not { } console)
            return null;
        using var http = AppHostCalls.CreateClient(new Uri(gateway));
        http.Timeout = WaitAtMost;
        try
        {
            var answer = await http.GetFromJsonAsync<JsonElement>(new Uri("/api/v2/auth/setup", UriKind.Relative), cancellationToken);
            return answer.GetProperty("data").GetProperty("needed").GetBoolean() ? $"{console.TrimEnd('/')}/setup#token={secrets.SetupToken}" : null;
        }
        catch (Exception error) when (error is HttpRequestException or JsonException or KeyNotFoundException or InvalidOperationException
            || (error is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return null;
        }
    }

    string? Url(string endpointName) => model.Resources.OfType<IResourceWithEndpoints>().Single(resource => resource.Name == "gateway")
        .GetEndpoints().FirstOrDefault(endpoint => endpoint.EndpointName == endpointName) is { IsAllocated: true } endpoint ? endpoint.Url : null;
}
