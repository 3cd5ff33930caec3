using Jarvis.ServiceDefaults.Security;

namespace Jarvis.Workflows.Tasks;

/// <summary>Who did something to a task.</summary>
/// <param name="Kind">How the caller showed who it is: <c>user</c>, <c>api_key</c>, or <c>service</c> for another part of Jarvis.</param>
/// <param name="AccountId">The account, also of an API key; null for a service.</param>
public sealed record TaskCaller(CallerKind Kind, Guid? AccountId)
{
    public static TaskCaller Of(Caller caller) => new(caller.Kind, caller.Kind == CallerKind.Service ? null : caller.AccountId);

    /// <summary>The account as the tables have it: all zeros for a service.</summary>
    internal Guid StoredAccount => AccountId ?? Guid.Empty;

    /// <summary>The kind as the tables have it.</summary>
    internal string StoredKind => Kind switch
    {
        CallerKind.User => "user",
        CallerKind.ApiKey => "api_key",
        _ => "service",
    };

    /// <summary>What two columns of a row say; null for what nobody in particular did, and for what is from before this was kept.</summary>
    internal static TaskCaller? Read(string? kind, Guid? account) => kind switch
    {
        "user" => new(CallerKind.User, account),
        "api_key" => new(CallerKind.ApiKey, account),
        "service" => new(CallerKind.Service, null),
        _ => null,
    };
}
