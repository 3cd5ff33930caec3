using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Jarvis.ServiceDefaults;

/// <summary>Runs a service to its end, and says in one line for each wrong option why it cannot.</summary>
public static partial class ServiceProgram
{
    /// <summary>The exit code of a process that cannot run with its configuration (EX_CONFIG of sysexits.h); starting it again would not help.</summary>
    public const int ConfigurationExitCode = 78;

    /// <summary>Builds the service, checks all options that are checked on start, and runs it.</summary>
    /// <returns>The exit code of the process.</returns>
    public static async Task<int> RunAsync(string[] args, Func<string[], WebApplication> create)
    {
        IConfiguration? configuration = null;
        try
        {
            await using var app = create(args);
            configuration = app.Configuration;
            // Asked before the host starts: it would log the same with a stack trace.
            app.Services.GetService<IStartupValidator>()?.Validate();
            await app.RunAsync();
            return Environment.ExitCode;
        }
        catch (Exception exception) when (Reasons(exception, configuration) is { Count: > 0 } reasons)
        {
            foreach (var reason in reasons)
                await Console.Error.WriteLineAsync($"error: {reason}");
            return ConfigurationExitCode;
        }
    }

    private static IReadOnlyList<string> Reasons(Exception exception, IConfiguration? configuration) => exception switch
    {
        OptionsValidationException validation => [.. validation.Failures.Select(failure => Named(failure, validation.OptionsType, configuration))],
        AggregateException aggregate => [.. aggregate.InnerExceptions.SelectMany(inner => Reasons(inner, configuration))],
        // What the configuration binder throws for text that is no number, and the like; its message names the key.
        InvalidOperationException { InnerException: not null, TargetSite.DeclaringType.FullName: "Microsoft.Extensions.Configuration.ConfigurationBinder" } binding => [binding.Message],
        _ => [],
    };

    /// <summary>The validator knows the property; who has to correct it knows the key and the value that they gave.</summary>
    private static string Named(string failure, Type options, IConfiguration? configuration)
    {
        var match = AnnotationFailure().Match(failure);
        if (!match.Success || configuration is null)
            return failure;
        var (member, reason) = (match.Groups["member"].Value, match.Groups["reason"].Value);
        var given = configuration.AsEnumerable().Where(setting => setting.Value is not null && setting.Key.EndsWith($":{member}", StringComparison.OrdinalIgnoreCase)).ToArray();
        var section = options.Name.EndsWith("Options", StringComparison.Ordinal) ? options.Name[..^"Options".Length] : options.Name;
        var key = given.FirstOrDefault(setting => setting.Key.Contains(section, StringComparison.OrdinalIgnoreCase)).Key ?? (given.Length == 1 ? given[0].Key : null);
        return key is null ? $"{member}: {reason}" : $"{key}: {reason}";
    }

    [GeneratedRegex("members: '(?<member>[^']+)' with the error: '(?<reason>.*)'\\.?$", RegexOptions.Singleline | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex AnnotationFailure();
}
