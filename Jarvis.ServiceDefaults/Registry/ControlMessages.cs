using System.Text.Json;
using Jarvis.ServiceDefaults.Envelopes;

namespace Jarvis.ServiceDefaults.Registry;

/// <summary>A question or a command to processes of Jarvis.</summary>
/// <param name="Id">Its answers have the same.</param>
/// <param name="From">The instance that asks, and listens for the answers.</param>
/// <param name="To">The instances that are meant.</param>
/// <param name="Kind">What is asked, such as <c>circuits.reset</c>.</param>
public sealed record ControlRequest(string Id, string From, IReadOnlyList<string> To, string Kind, JsonElement? Args);

/// <summary>One process' answer.</summary>
/// <param name="Failed">It tried and could not.</param>
/// <param name="Answer">Null when it knows nothing of what was asked.</param>
public sealed record ControlReply(string Id, string Service, string Instance, bool Failed, JsonElement? Answer)
{
    /// <summary>The answer in its own shape; default when there is none, or another version's of another shape.</summary>
    public T? As<T>()
    {
        try
        {
            return Answer is { ValueKind: not JsonValueKind.Null } answer ? answer.Deserialize<T>(JsonRules.Options) : default;
        }
        catch (JsonException)
        {
            return default;
        }
    }
}

/// <summary>What a process answers to one kind of question.</summary>
public interface IControlHandler
{
    string Kind { get; }

    Task<JsonElement> HandleAsync(JsonElement? args, CancellationToken cancellationToken);
}

/// <summary>A handler made of a function; be quick, questions wait for each other.</summary>
/// <typeparam name="TArgs">Default when the question has none.</typeparam>
/// <typeparam name="TAnswer">As it goes over the wire.</typeparam>
public sealed class ControlHandler<TArgs, TAnswer>(string kind, Func<TArgs?, CancellationToken, Task<TAnswer>> handle) : IControlHandler
{
    public string Kind => kind;

    public async Task<JsonElement> HandleAsync(JsonElement? args, CancellationToken cancellationToken) =>
        JsonSerializer.SerializeToElement(
            await handle(args is { } given ? given.Deserialize<TArgs>(JsonRules.Options) : default, cancellationToken), JsonRules.Options);
}
