using Jarvis.ServiceDefaults.Data;
using Jarvis.ServiceDefaults.Messaging;
using Jarvis.Telemetry.Host;
using Jarvis.Telemetry.Ingestion;
using Jarvis.Telemetry.Metrics;
using Jarvis.Telemetry.Retention;
using Jarvis.Telemetry.Traces;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddPostgresSchema("telemetry");
builder.AddMessaging();
builder.AddIngestion();
builder.AddTraces();
builder.AddMetrics();
builder.AddHostSampling();
builder.AddRetention();

var app = builder.Build();
app.UseServiceDefaults();
app.MapDefaultEndpoints();
app.MapIngestion();
app.MapTraces();
app.MapMetrics();
await app.RunAsync();
