using System.ComponentModel.DataAnnotations;

namespace Jarvis.Workflows.Tasks;

/// <summary>What one account may keep here; section <c>Quotas</c>. Services of Jarvis have no bound.</summary>
public sealed record TaskQuotaOptions
{
    /// <summary>Tasks of one account, ended ones included until they are pruned; 0 is no limit.</summary>
    [Range(0, 1_000_000_000)]
    public long MaxTasks { get; init; } = 500_000;

    /// <summary>Bytes of the payloads and results of one account's tasks; 0 is no limit.</summary>
    [Range(0, 1_000_000_000_000_000)]
    public long MaxTaskBytes { get; init; } = 2_147_483_648;
}
