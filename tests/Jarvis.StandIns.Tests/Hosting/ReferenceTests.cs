namespace Jarvis.StandIns.Tests.Hosting;

public sealed class ReferenceTests
{
    [Fact]
    public async Task Reference_ToServerAndService_ArrivesAsVariables()
    {
        await using var host = new TestHost("--ConnectionStrings:elsewhere=Host=far");
        var server = host.AddShell("server", "sleep 60").WithEndpoint(name: "tcp", scheme: "tcp");
        var tcp = server.GetEndpoint("tcp");
        var database = host.Builder.AddConnectionString("jarvisdb", ReferenceExpression.Create($"Host={tcp.Property(EndpointProperty.Host)};Port={tcp.Property(EndpointProperty.Port)}"));
        var service = host.AddSample("catalog");
        host.AddShell("client", "env > env.txt")
            .WithReference(database).WithReference(host.Builder.AddConnectionString("elsewhere")).WithReference(service)
            .WithEnvironment("TARGET", $"{tcp.Property(EndpointProperty.TargetPort)}");

        await host.StartAsync();
        await host.StateAsync("client", KnownResourceStates.Finished);

        var variables = await File.ReadAllLinesAsync(Path.Combine(host.Folder, "env.txt"), host.Limit);
        Assert.Contains($"ConnectionStrings__jarvisdb=Host=localhost;Port={tcp.Port}", variables);
        Assert.Contains("ConnectionStrings__elsewhere=Host=far", variables);
        Assert.Contains($"services__catalog__http__0={service.GetEndpoint("http").Url}", variables);
        Assert.Contains($"CATALOG_HTTP={service.GetEndpoint("http").Url}", variables);
        Assert.Contains($"TARGET={tcp.Port}", variables);
    }

    [Fact]
    public async Task Parameter_InConfiguration_WinsOverItsDefault()
    {
        await using var host = new TestHost("--Parameters:given=configured");
        host.AddShell("client", "echo $GIVEN $OTHER > values.txt")
            .WithEnvironment("GIVEN", host.Builder.AddParameter("given", "default"))
            .WithEnvironment("OTHER", host.Builder.AddParameter("other", "default"));

        await host.StartAsync();
        await host.StateAsync("client", KnownResourceStates.Finished);

        Assert.Equal("configured default", (await File.ReadAllTextAsync(Path.Combine(host.Folder, "values.txt"), host.Limit)).Trim());
    }

    [Fact]
    public async Task AppHost_RunByItsEntryPoint_BelongsToTheTest()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        await using var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.Jarvis_StandIns_Sample>(["--Parameters:greeting=hi"], limit.Token);
        Assert.Contains(builder.Resources, resource => resource.Name == "service");

        await using var application = await builder.BuildAsync(limit.Token);
        await application.StartAsync(limit.Token);
        await application.ResourceNotifications.WaitForResourceHealthyAsync("service", limit.Token);

        using var http = application.CreateHttpClient("service");
        Assert.Equal("hi", await http.GetStringAsync("/env/GREETING", limit.Token));
        Assert.Equal("yes", await http.GetStringAsync("/env/FROM_PROFILE", limit.Token));
        Assert.Equal("service", await http.GetStringAsync("/env/OTEL_SERVICE_NAME", limit.Token));
        Assert.StartsWith("service.instance.id=", await http.GetStringAsync("/env/OTEL_RESOURCE_ATTRIBUTES", limit.Token), StringComparison.Ordinal);
        Assert.NotEqual(5499, http.BaseAddress!.Port);
    }
}
