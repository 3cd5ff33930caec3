using System.Net.Http.Json;
using System.Text.Json;
using Jarvis.AppHost.Data;
using Jarvis.AppHost.Options;
using Jarvis.AppHost.Services;

namespace Jarvis.AppHost.Startup;

/// <summary>One library as the catalog sees it: its state, and how many resources of each kind it holds.</summary>
sealed record CatalogSource(string Path, string? State, IReadOnlyDictionary<string, int>? Counts);

/// <summary>Reads <c>GET /api/v2/catalog/sources</c> once the catalog has scanned, or what there is of it when that takes long.</summary>
static class CatalogSources
{
    static readonly TimeSpan WaitAtMost = TimeSpan.FromSeconds(20);
    static readonly TimeSpan AskEvery = TimeSpan.FromMilliseconds(250);
    static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public static async Task<IReadOnlyList<CatalogSource>> ReadAsync(string? catalog, Secrets secrets, TimeProvider time, CancellationToken cancellationToken)
    {
        IReadOnlyList<CatalogSource> sources = [];
        if (catalog is null)
            return sources;
        using var http = AppHostCalls.CreateClient(new Uri(catalog));
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(WaitAtMost);
        try
        {
            do
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, new Uri("/api/v2/catalog/sources", UriKind.Relative));
                AppHostCalls.Sign(request, secrets, "start", time);
                using var response = await http.SendAsync(request, deadline.Token);
                if (!response.IsSuccessStatusCode)
                    return sources;
                sources = (await response.Content.ReadFromJsonAsync<Answer>(Json, deadline.Token))?.Data?.Sources ?? [];
                if (!sources.Any(source => source.State is "scanning" or "pending"))
                    return sources;
                await Task.Delay(AskEvery, time, deadline.Token);
            }
            while (!deadline.IsCancellationRequested);
        }
        catch (Exception error) when (error is HttpRequestException or JsonException || (error is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            // The table says what is known; the catalog says the rest itself.
        }

        return sources;
    }

    public static string Describe(IReadOnlyList<CatalogSource> sources, string library)
    {
        if (sources.FirstOrDefault(source => DefaultFolders.PathComparer.Equals(System.IO.Path.TrimEndingDirectorySeparator(source.Path), library)) is not { } source)
            return "(not counted yet)";
        var counts = source.Counts ?? new Dictionary<string, int>(StringComparer.Ordinal);
        var kinds = string.Join(", ", counts.Where(count => count.Value > 0).Select(count => $"{count.Value} {count.Key.Replace('_', ' ')}"));
        var state = source.State is null or "ready" or "ok" ? "" : $" ({source.State})";
        return $"{(kinds.Length > 0 ? kinds : "nothing found")}{state}";
    }

    sealed record Answer(Answer.Content? Data)
    {
        public sealed record Content(IReadOnlyList<CatalogSource>? Sources);
    }
}
