using System.Diagnostics;
using System.Text.Json;
using Jarvis.ServiceDefaults.Security;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Jarvis.Telemetry.Tests.Ingestion;

public sealed class ExporterTests
{
    [Fact]
    public async Task Export_FromTheRealSdk_IsUnderstood()
    {
        await using var app = await OtlpApp.StartAsync();
        app.Sink.Commit(2);
        using var source = new ActivitySource($"Jarvis.Telemetry.Tests.{nameof(ExporterTests)}");
        using (var tracing = Sdk.CreateTracerProviderBuilder()
            .AddSource(source.Name)
            .ConfigureResource(resource => resource.AddService("lamps", serviceInstanceId: "lamps-1"))
            .AddOtlpExporter(options =>
            {
                options.Protocol = OtlpExportProtocol.HttpProtobuf;
                options.Headers = $"{ServiceKey.Header}={OtlpApp.Key}";
                options.Endpoint = new Uri(app.Client.BaseAddress!, "/v1/traces");
            })
            .Build())
        {
            using (var parent = source.StartActivity("light", ActivityKind.Server))
            {
                parent!.SetTag("correlation.id", "lamp-story-2").SetTag("lamps", 3).SetTag("rooms", new[] { "hall", "attic" });
                using var child = source.StartActivity("switch", ActivityKind.Client);
                child!.AddException(new InvalidOperationException("dark")).SetStatus(ActivityStatusCode.Error, "dark");
            }
            Assert.True(tracing.ForceFlush(10_000));
        }

        var spans = app.Sink.Committed.ToDictionary(span => span.Name);
        Assert.Equal(2, spans.Count);
        var (light, flick) = (spans["light"], spans["switch"]);
        Assert.Equal(("lamps", "lamps-1", source.Name, "lamp-story-2"), (light.Service, light.InstanceId, light.Scope, light.CorrelationId));
        Assert.Equal((2, 3), (light.Kind, flick.Kind));
        Assert.Equal(light.SpanId, flick.ParentSpanId);
        Assert.Equal((2, "dark"), (flick.Status, flick.StatusMessage));
        var attributes = JsonDocument.Parse(light.Attributes!).RootElement;
        Assert.Equal(3, attributes.GetProperty("lamps").GetInt32());
        Assert.Equal("attic", attributes.GetProperty("rooms")[1].GetString());
        Assert.Equal("exception", JsonDocument.Parse(flick.Events!).RootElement[0].GetProperty("name").GetString());
    }
}
