using Jarvis.AppHost.Embedded;

namespace Jarvis.AppHost.Tests;

public sealed class ServerEnvironmentTests
{
    private const string Secret = "Mail__Smtp__Password";

    [Fact]
    public async Task Server_StartedByCommand_SeesNoSecretOfTheAppHost()
    {
        if (OperatingSystem.IsWindows())
            return;
        Environment.SetEnvironmentVariable(Secret, "swordfish");
        try
        {
            var (program, arguments) = ServerEnvironment.Clear(("/bin/sh", ["-c", "env"]),
                ServerEnvironment.With(KeyValuePair.Create("HOME", "/home")));

            var seen = await Tool.RunAsync(program, arguments, TimeSpan.FromSeconds(10), CancellationToken.None);

            Assert.DoesNotContain("swordfish", seen.Output, StringComparison.Ordinal);
            Assert.Contains("HOME=/home", seen.Output, StringComparison.Ordinal);
            Assert.Contains("PATH=", seen.Output, StringComparison.Ordinal);
        }
        finally
        {
            Environment.SetEnvironmentVariable(Secret, null);
        }
    }

    [Fact]
    public async Task Tool_OfTheServer_SeesOnlyWhatItIsGiven()
    {
        if (OperatingSystem.IsWindows())
            return;
        var seen = await Tool.RunAsync("/bin/sh", ["-c", "env"], TimeSpan.FromSeconds(10), CancellationToken.None,
            environment: new Dictionary<string, string> { ["ONLY"] = "this" });

        Assert.Contains("ONLY=this", seen.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("HOME=", seen.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Account_WhereThisIsRoot_IsNeitherRootNorNobody()
    {
        if (OperatingSystem.IsWindows())
            return;
        var account = await ServerAccount.FindAsync(named: null, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance,
            CancellationToken.None);

        if (Environment.IsPrivilegedProcess)
            Assert.DoesNotContain(account.UserId ?? 0, (int[])[0, 65534]);
        else
            Assert.Null(account.UserId);
    }
}
