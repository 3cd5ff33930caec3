using System.Diagnostics;
using Jarvis.ServiceDefaults.Correlation;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Jarvis.Gateway.Edge;

/// <summary>
/// What the server refuses by itself, before there is a request to be handled (no HTTP, a URI or headers over their limits, headers that do not come), in the contract's
/// form. The server answers such with a bare status line and closes the connection; it tells of it by a diagnostic event, and what it then writes is replaced. Not under
/// TLS, where what it writes is encrypted already, nor for HTTP/2, which resets the stream.
/// </summary>
internal static class Refusals
{
    private const string Event = "Microsoft.AspNetCore.Server.Kestrel.BadRequest";

    // In the connection's items, under a key that nobody else has.
    private static readonly object Key = new();

    public static void AddRefusals(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<KestrelServerOptions>().Configure(kestrel => kestrel.ConfigureEndpointDefaults(endpoint => endpoint.Use(next => connection => ServeAsync(connection, next))));
        builder.Services.AddHostedService<Listener>();
    }

    private static async Task ServeAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        var transport = connection.Transport;
        var output = new RefusalWriter(transport.Output);
        connection.Items[Key] = output;
        connection.Transport = new DuplexPipe(transport.Input, output);
        try
        {
            await next(connection);
            await output.SendAsync();
        }
        finally
        {
            connection.Transport = transport;
        }
    }

    /// <summary>Takes the server's word that it refuses what came on a connection.</summary>
    internal sealed class Listener(DiagnosticListener diagnostics, TimeProvider time) : IHostedService, IObserver<KeyValuePair<string, object?>>
    {
        private IDisposable? _subscription;

        public Task StartAsync(CancellationToken cancellationToken)
        {
            _subscription = diagnostics.Subscribe(this, static name => name == Event);
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken)
        {
            _subscription?.Dispose();
            return Task.CompletedTask;
        }

        public void OnNext(KeyValuePair<string, object?> value)
        {
            if (value is not { Key: Event, Value: IFeatureCollection features } || features.Get<ITlsHandshakeFeature>() is not null
                || features.Get<IHttpResponseFeature>() is not { HasStarted: false } response || features.Get<IHttpRequestFeature>() is not { } request
                || request.Protocol is "HTTP/2" or "HTTP/3" || features.Get<IConnectionItemsFeature>()?.Items[Key] is not RefusalWriter output)
            {
                return;
            }
            var sent = request.Headers[CorrelationId.Header];
            var id = sent.Count == 1 && CorrelationId.IsValid(sent[0]) ? sent[0]! : CorrelationId.Create(time);
            output.Refuse(RefusalAnswer.Of(response.StatusCode, request.Path ?? "", id, time.GetUtcNow()));
        }

        public void OnCompleted()
        {
        }

        public void OnError(Exception error)
        {
        }
    }

    private sealed record DuplexPipe(System.IO.Pipelines.PipeReader Input, System.IO.Pipelines.PipeWriter Output) : System.IO.Pipelines.IDuplexPipe;
}
