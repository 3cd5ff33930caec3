using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Trace;

namespace Jarvis.Bench;

/// <summary>
/// What tracing takes of a request, in nanoseconds of processor time and bytes, without sockets: the service defaults' own pipeline in front of a handler that answers at once. Each
/// row in turn, round by round, on one thread; the best round counts.
/// </summary>
public static class TracingCost
{
    private const int Rounds = 5;

    public static async Task MeasureAsync(double seconds, TextWriter output)
    {
        (string Name, Func<WebApplication> Build, bool Correlated)[] rows =
        [
            ("no tracing", () => Build(traced: false, []), false),
            ("every request recorded", () => Build(traced: true, [], alwaysOn: true), false),
            ("the rule, past the rate", () => Build(traced: true, ["--Telemetry:Sampling:TracesPerSecond=0"]), false),
            ("the rule, at its default", () => Build(traced: true, []), false),
        ];
        var best = new Cost[rows.Length];
        Array.Fill(best, new(double.MaxValue, double.MaxValue));
        for (var round = 0; round < Rounds; round++)
        {
            for (var i = 0; i < rows.Length; i++)
            {
                // Listeners are global: one host at a time.
                await using var app = rows[i].Build();
                var server = (MemoryServer)app.Services.GetRequiredService<IServer>();
                await app.StartAsync();
                await server.RunAsync(TimeSpan.FromSeconds(seconds / 4));
                var cost = await server.RunAsync(TimeSpan.FromSeconds(seconds));
                best[i] = new(Math.Min(best[i].Nanoseconds, cost.Nanoseconds), Math.Min(best[i].Bytes, cost.Bytes));
                await app.StopAsync();
            }
        }
        for (var i = 0; i < rows.Length; i++)
        {
            var more = i == 0 ? "" : $", {best[i].Nanoseconds - best[0].Nanoseconds:+0;-0} ns and {best[i].Bytes - best[0].Bytes:+0;-0} bytes beside none";
            await output.WriteLineAsync($"{rows[i].Name,-28} {best[i].Nanoseconds,6:0} ns, {best[i].Bytes,5:0} bytes{more}");
        }
    }

    private static WebApplication Build(bool traced, string[] args, bool alwaysOn = false)
    {
        var builder = WebApplication.CreateBuilder([.. args, "--Telemetry:Endpoint="]);
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.AddServiceDefaults();
        if (traced)
            builder.Services.ConfigureOpenTelemetryTracerProvider(tracing => tracing.AddProcessor(new BatchActivityExportProcessor(new Nowhere())));
        if (alwaysOn)
            builder.Services.ConfigureOpenTelemetryTracerProvider(tracing => tracing.SetSampler(new AlwaysOnSampler()));
        if (!traced)
        {
            foreach (var service in builder.Services.Where(service => service.ImplementationType?.Name == "TelemetryHostedService").ToArray())
                builder.Services.Remove(service);
        }
        builder.Services.AddSingleton<IServer, MemoryServer>();
        var app = builder.Build();
        app.UseServiceDefaults();
        app.MapGet("/", () => Results.StatusCode(204)).AllowAnonymous();
        return app;
    }

    private sealed record Cost(double Nanoseconds, double Bytes);

    private sealed class Nowhere : BaseExporter<Activity>
    {
        public override ExportResult Export(in Batch<Activity> batch) => ExportResult.Success;
    }

    /// <summary>Hands requests to the pipeline as a server would, one after the other.</summary>
    private sealed class MemoryServer : IServer
    {
        private Func<Task>? _one;

        public Microsoft.AspNetCore.Http.Features.IFeatureCollection Features { get; } = new Microsoft.AspNetCore.Http.Features.FeatureCollection();

        public Task StartAsync<TContext>(IHttpApplication<TContext> application, CancellationToken cancellationToken)
            where TContext : notnull
        {
            _one = async () =>
            {
                var http = new DefaultHttpContext();
                (http.Request.Method, http.Request.Path, http.Request.Protocol, http.Request.Scheme) = ("GET", "/", "HTTP/1.1", "http");
                http.Request.Host = new("localhost", 8000);
                http.Request.Headers.UserAgent = "bench/1.0";
                var context = application.CreateContext(http.Features);
                await application.ProcessRequestAsync(context);
                application.DisposeContext(context, exception: null);
            };
            return Task.CompletedTask;
        }

        public async Task<Cost> RunAsync(TimeSpan duration)
        {
            GC.Collect();
            var (bytes, cpu, started, count) = (GC.GetTotalAllocatedBytes(precise: true), Environment.CpuUsage.TotalTime, Stopwatch.GetTimestamp(), 0);
            while (Stopwatch.GetElapsedTime(started) < duration)
            {
                for (var i = 0; i < 256; i++)
                    await _one!();
                count += 256;
            }
            return new((Environment.CpuUsage.TotalTime - cpu).TotalNanoseconds / count, (double)(GC.GetTotalAllocatedBytes(precise: true) - bytes) / count);
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public void Dispose()
        {
        }
    }
}
