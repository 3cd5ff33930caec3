using Jarvis.Gateway.Front;
using Jarvis.Gateway.Health;
using Jarvis.Gateway.HotCache;
using Jarvis.Gateway.Legacy;
using Jarvis.Gateway.Proxy;
using Jarvis.ServiceDefaults.Caching;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddFront();
builder.AddLegacy();
builder.AddServicesHealth();
builder.AddHotCache();
builder.AddHotInvalidation();
builder.AddProxy();

var app = builder.Build();
app.UseServiceDefaults(front =>
{
    front.UseFront();
    front.UseLegacy();
    front.UseHotCache();
});
app.MapAlive();
app.MapFront();
app.MapServicesHealth();
app.MapGroup("/api/v2").MapCaches();
app.MapProxy();
await app.RunAsync();
