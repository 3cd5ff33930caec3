using Jarvis.ServiceDefaults.Data;
using Jarvis.Telemetry.Ingestion;
using Jarvis.Telemetry.Retention;
using Jarvis.Telemetry.Traces;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddPostgresSchema("telemetry");
builder.AddIngestion();
builder.AddRetention();
builder.AddTraces();

var app = builder.Build();
app.UseServiceDefaults();
app.MapDefaultEndpoints();
app.MapIngestion();
app.MapTraces();
await app.RunAsync();
