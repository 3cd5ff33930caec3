using Jarvis.Gateway.Circuits;
using Jarvis.Gateway.SignIn;
using Jarvis.Gateway.Tests.Circuits;
using Jarvis.ServiceDefaults.Security;
using Jarvis.ServiceDefaults.Security.Tokens;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Jarvis.Gateway.Tests;

/// <summary>What a gateway without Postgres needs so that callers can be known: its keys in memory, and every session alive.</summary>
internal static class SignedIn
{
    public const string ServiceKey = "key-of-a-test";

    /// <summary>Replaces what asks Postgres.</summary>
    public static void WithoutPostgres(this IServiceCollection services)
    {
        services.Replace(ServiceDescriptor.Singleton<ISigningKeyStore, MemoryKeys>());
        services.RemoveAll<ITokenChecks>();
        services.Configure<HealthCheckServiceOptions>(health =>
        {
            foreach (var check in health.Registrations.Where(check => check.Name is "postgres" or "migrations").ToList())
                health.Registrations.Remove(check);
        });
        services.Replace(ServiceDescriptor.Singleton<IUsage, NoUsage>());
        services.Replace(ServiceDescriptor.Singleton<ICircuitDecisionStore, MemoryDecisions>());
    }

    /// <summary>A token of somebody new.</summary>
    public static async Task<string> TokenAsync(IServiceProvider services, Role role = Role.Admin) =>
        (await services.GetRequiredService<IAccessTokens>().IssueAsync(NewId(), NewId(), role, [], CancellationToken.None)).Token;

    private static Guid NewId() => Guid.CreateVersion7(TimeProvider.System.GetUtcNow());

    private sealed class MemoryKeys : ISigningKeyStore
    {
        private readonly List<SigningKey> _keys = [];

        public Task<IReadOnlyList<SigningKey>> LoadAsync(Func<IReadOnlyList<SigningKey>, SigningKey?> next, CancellationToken cancellationToken)
        {
            if (next(_keys) is { } added)
                _keys.Add(added);
            return Task.FromResult<IReadOnlyList<SigningKey>>([.. _keys]);
        }
    }

    private sealed class NoUsage : IUsage
    {
        public void Touch(UsageKind kind, Guid id)
        {
        }
    }
}
