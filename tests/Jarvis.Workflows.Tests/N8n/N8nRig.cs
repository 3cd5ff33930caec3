using System.Net;
using System.Net.Sockets;
using Jarvis.Workflows.N8n;
using Jarvis.Workflows.Tasks;
using Microsoft.Extensions.Options;

namespace Jarvis.Workflows.Tests.N8n;

/// <summary>The caller as the product wires it, with waits short enough for a test, and what its journal noted.</summary>
internal sealed class N8nRig : ICallJournal, IDisposable
{
    private readonly HttpClient _http = N8nRegistration.CreateHttpClient();

    public N8nRig(string address, Func<N8nOptions, N8nOptions>? with = null)
    {
        var n8n = new N8nOptions { BaseUrl = address, MaxRetries = 2, BaseDelayMs = 1, MinimumThroughput = 100 };
        var options = Options.Create(with?.Invoke(n8n) ?? n8n);
        Pipeline = new(options, TimeProvider.System);
        Caller = new(new N8nClient(_http, options, TimeProvider.System), Pipeline, Outage, options);
    }

    public N8nPipeline Pipeline { get; }

    public RecentOutage Outage { get; } = new(TimeProvider.System);

    public N8nCaller Caller { get; }

    public List<string> Journal { get; } = [];

    public Task<TaskOutcome> CallAsync(string method = "POST", string path = "orders", string payload = "{\"order\":42}", CancellationToken cancellationToken = default) =>
        Caller.CallAsync(new(Guid.CreateVersion7(TimeProvider.System.GetUtcNow()), new TaskWebhook(method, path), payload), this, cancellationToken);

    public Task SendingAsync(CancellationToken cancellationToken)
    {
        Journal.Add("sending");
        return Task.CompletedTask;
    }

    public Task NotDoneAsync(string reason, CancellationToken cancellationToken)
    {
        Journal.Add("not done");
        return Task.CompletedTask;
    }

    public void Dispose() => _http.Dispose();

    /// <summary>An address where nobody listens: the port was free a moment ago.</summary>
    public static string Nowhere()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return $"http://127.0.0.1:{((IPEndPoint)probe.LocalEndpoint).Port}";
    }
}
