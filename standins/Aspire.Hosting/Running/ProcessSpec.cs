using System.Runtime.InteropServices;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Endpoints;

namespace Aspire.Hosting.Running;

/// <summary>Command, arguments, folder and variables of one instance, with every reference resolved.</summary>
sealed record ProcessSpec(string Command, IReadOnlyList<string> Arguments, string WorkingDirectory, IReadOnlyDictionary<string, string> Environment)
{
    public static async Task<ProcessSpec> CreateAsync(IResource resource, string id, int instance, IReadOnlyList<EndpointAllocation> endpoints, DistributedApplicationExecutionContext context, IDistributedApplicationBuilder builder, CancellationToken cancellationToken)
    {
        var variables = new EnvironmentCallbackContext(context, resource, cancellationToken: cancellationToken);
        if (resource is ProjectResource)
        {
            variables.EnvironmentVariables["OTEL_SERVICE_NAME"] = resource.Name;
            variables.EnvironmentVariables["OTEL_RESOURCE_ATTRIBUTES"] = $"service.instance.id={id[(resource.Name.Length + 1)..]}";
        }

        foreach (var annotation in resource.Annotations.OfType<EnvironmentCallbackAnnotation>().ToArray())
            await annotation.Callback(variables);
        var environment = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in variables.EnvironmentVariables)
        {
            if (await ResolveAsync(value, cancellationToken) is { } text)
                environment[name] = WithPorts(text);
        }

        var given = new CommandLineArgsCallbackContext([], resource, cancellationToken) { ExecutionContext = context };
        foreach (var annotation in resource.Annotations.OfType<CommandLineArgsCallbackAnnotation>().ToArray())
            await annotation.Callback(given);
        var arguments = new List<string>();
        foreach (var arg in given.Args)
        {
            if (await ResolveAsync(arg, cancellationToken) is { } text)
                arguments.Add(WithPorts(text));
        }

        if (resource is ProjectResource project)
            return new ProcessSpec(DotNet(), [ProjectLaunch.FindAssembly(project, builder.AppHostAssembly), .. arguments], Path.GetDirectoryName(project.GetProjectMetadata().ProjectPath)!, environment);

        var executable = (ExecutableResource)resource;
        if (!Directory.Exists(executable.WorkingDirectory))
            throw new DistributedApplicationException($"The working directory {executable.WorkingDirectory} does not exist");
        return new ProcessSpec(Find(executable.Command, executable.WorkingDirectory), arguments, executable.WorkingDirectory, environment);

        string WithPorts(string text) => endpoints.Aggregate(text, (current, endpoint) => current.Replace(endpoint.TargetPortMark, $"{endpoint.TargetPorts[instance]}", StringComparison.Ordinal));
    }

    static async ValueTask<string?> ResolveAsync(object? value, CancellationToken cancellationToken) => value switch
    {
        string text => text,
        IResourceBuilder<IResource> { Resource: IValueProvider resource } => await resource.GetValueAsync(cancellationToken),
        IValueProvider provider => await provider.GetValueAsync(cancellationToken),
        bool flag => flag ? "true" : "false",
        _ => value?.ToString(),
    };

    static string Find(string command, string workingDirectory)
    {
        if (OperatingSystem.IsWindows())
            return command;
        var candidates = command.Contains('/')
            ? [Path.GetFullPath(command, workingDirectory)]
            : (System.Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Select(folder => Path.Combine(folder, command));
        return candidates.FirstOrDefault(File.Exists) ?? throw new DistributedApplicationException($"The command '{command}' was not found");
    }

    static string DotNet()
    {
        var host = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet"));
        return File.Exists(host) ? host : "dotnet";
    }
}
