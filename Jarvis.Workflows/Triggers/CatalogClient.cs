using System.Net;
using System.Text.Json;
using Jarvis.ServiceDefaults.Envelopes;
using Jarvis.ServiceDefaults.Errors;

namespace Jarvis.Workflows.Triggers;

/// <summary>A workflow as the catalog knows it: what of it can be called.</summary>
public sealed record CatalogWorkflow(string Id, string Name, IReadOnlyList<CatalogWebhook>? Webhooks, IReadOnlyList<CatalogTrigger>? Triggers);

/// <summary>A Webhook node.</summary>
public sealed record CatalogWebhook(string Path, string Method, string? Authentication, string? ResponseMode, string? Node);

/// <summary>A node that starts the workflow.</summary>
public sealed record CatalogTrigger(string Node, string Type);

/// <summary>Asks the catalog over HTTP: the library is its own, and only it reads it.</summary>
public sealed class CatalogClient(HttpClient http)
{
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    /// <summary>A workflow by its id or name.</summary>
    /// <returns>Null when the catalog has no such workflow.</returns>
    /// <exception cref="FailureException">The catalog does not answer, or answers with something else.</exception>
    public async Task<CatalogWorkflow?> FindWorkflowAsync(string idOrName, CancellationToken cancellationToken)
    {
        // Names nothing, and as part of an address would be taken for a folder.
        if (idOrName is "." or "..")
            return null;
        try
        {
            using var response = await http.GetAsync(new Uri($"api/v2/workflows/{Uri.EscapeDataString(idOrName)}", UriKind.Relative), cancellationToken);
            if (response.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.UnprocessableEntity)
                return null;
            if (!response.IsSuccessStatusCode)
                throw Down($"The catalog answered {(int)response.StatusCode}.").AsException();
            var envelope = await response.Content.ReadFromJsonAsync<Envelope<CatalogWorkflow>>(JsonRules.Options, cancellationToken);
            return envelope?.Data ?? throw Down("The catalog answered without data.").AsException();
        }
        catch (JsonException exception)
        {
            throw Down("The catalog's answer could not be read.").AsException(exception);
        }
        catch (Exception exception) when (exception is HttpRequestException or Polly.ExecutionRejectedException
            || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw Down("The catalog does not answer.").AsException(exception);
        }
    }

    private static Failure Down(string detail) => Failure.Unavailable("catalog", $"{detail} Nothing was accepted: try again shortly, or give webhook_path instead of workflow_id.");
}
