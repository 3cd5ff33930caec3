using Jarvis.Catalog.Library;
using Jarvis.ServiceDefaults.Health;

namespace Microsoft.Extensions.Hosting;

public static class LibraryRegistration
{
    /// <summary>The libraries of section <c>Catalog</c>, their scans, and the health check <c>catalog</c>.</summary>
    public static WebApplicationBuilder AddLibrary(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<LibraryOptions>().BindConfiguration("Catalog").ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton<LibraryScanner>();
        builder.Services.AddSingleton<CatalogStore>();
        builder.Services.AddSingleton<ScanSignal>();
        builder.Services.AddSingleton<FileChanges>();
        builder.Services.AddSingleton<LibraryPaths>();
        builder.Services.AddSingleton<LibraryWatcher>();
        builder.Services.AddHostedService<LibraryWorker>();
        builder.Services.AddHealthChecks().AddCheck<LibraryHealth>("catalog", tags: [HealthTags.Ready]);
        return builder;
    }
}
