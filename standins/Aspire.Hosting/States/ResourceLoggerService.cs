using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>A logger for each resource; its category is <c>{application}.Resources.{resource}</c>.</summary>
public class ResourceLoggerService
{
    internal const string CategoryMark = ".Resources.";

    internal ILoggerFactory LoggerFactory { get; set; } = NullLoggerFactory.Instance;
    internal string ApplicationName { get; set; } = "AppHost";

    public ILogger GetLogger(IResource resource) => GetLogger(resource.Name);

    public ILogger GetLogger(string resourceName) => LoggerFactory.CreateLogger(ApplicationName + CategoryMark + resourceName);
}
