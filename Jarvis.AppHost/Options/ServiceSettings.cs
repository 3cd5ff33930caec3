namespace Jarvis.AppHost.Options;

/// <summary>How many processes of a service run, and on which port a single one listens. Null lets the orchestrator choose a free one.</summary>
sealed record ServiceSettings(int Replicas = 1, int? Port = null)
{
    public bool IsSingle => Replicas == 1;
}
