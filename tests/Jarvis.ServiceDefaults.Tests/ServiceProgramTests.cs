using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Jarvis.ServiceDefaults.Tests;

/// <summary>They write to the process' standard error, which is captured one at a time.</summary>
public sealed class ServiceProgramTests
{
    private static readonly SemaphoreSlim Capture = new(1);

    [Fact]
    public async Task Option_ThatIsOutOfRange_EndsTheServiceWithItsKey()
    {
        var (code, said) = await RunAsync(("Paper:Sheets", "-5"));

        Assert.Equal(ServiceProgram.ConfigurationExitCode, code);
        Assert.Contains("error: Paper:Sheets: ", said, StringComparison.Ordinal);
        Assert.Contains("between 0 and 100", said, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Option_ThatIsNoNumber_EndsTheServiceWithItsKey()
    {
        var (code, said) = await RunAsync(("Paper:Sheets", "many"));

        Assert.Equal(ServiceProgram.ConfigurationExitCode, code);
        Assert.Contains("Paper:Sheets", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Failure_OfAnotherKind_IsNotTakenForTheConfiguration() =>
        await Assert.ThrowsAsync<InvalidOperationException>(() => ServiceProgram.RunAsync([], static _ => throw new InvalidOperationException("Something else.")));

    private static async Task<(int Code, string Said)> RunAsync(params (string Key, string Value)[] settings)
    {
        await Capture.WaitAsync();
        var before = Console.Error;
        await using var said = new StringWriter();
        Console.SetError(said);
        try
        {
            var code = await ServiceProgram.RunAsync([], _ =>
            {
                var builder = WebApplication.CreateSlimBuilder();
                builder.Configuration.AddInMemoryCollection(settings.ToDictionary(setting => setting.Key, setting => (string?)setting.Value, StringComparer.Ordinal));
                builder.Services.AddOptions<PaperOptions>().BindConfiguration("Paper").ValidateDataAnnotations().ValidateOnStart();
                return builder.Build();
            });
            return (code, said.ToString());
        }
        finally
        {
            Console.SetError(before);
            Capture.Release();
        }
    }

    private sealed record PaperOptions
    {
        [Range(0, 100)]
        public int Sheets { get; init; } = 1;
    }
}
