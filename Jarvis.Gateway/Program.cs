using Jarvis.Gateway.Front;
using Jarvis.Gateway.Health;
using Jarvis.Gateway.Proxy;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddFront();
builder.AddServicesHealth();
builder.AddProxy();

var app = builder.Build();
app.UseServiceDefaults();
app.UseFront();
app.MapAlive();
app.MapFront();
app.MapServicesHealth();
app.MapProxy();
await app.RunAsync();
