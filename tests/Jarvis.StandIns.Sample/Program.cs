if (args is ["serve", ..])
{
    var service = WebApplication.CreateBuilder(args).Build();
    service.MapGet("/health", () => "ok");
    service.MapGet("/pid", () => Environment.ProcessId);
    service.MapGet("/env/{name}", (string name) => Environment.GetEnvironmentVariable(name));
    await service.RunAsync();
    return;
}

var builder = DistributedApplication.CreateBuilder(args);
builder.AddProject("service", "Jarvis.StandIns.Sample.csproj")
    .WithArgs("serve")
    .WithEnvironment("GREETING", builder.AddParameter("greeting", "hello"))
    .WithHttpHealthCheck("/health");
await builder.Build().RunAsync();
