using System.Reflection;
using System.Text.Json.Nodes;

namespace Jarvis.ServiceDefaults.OpenApi;

/// <summary>
/// The examples of operations: embedded files <c>OpenApi/Examples/{operation id}.json</c> of the project that has the handler. Each is an object with <c>request</c> (the body, when
/// there is one) and a member for each status of success, such as <c>"200"</c>. Of an answer in the envelope only the data are written there.
/// </summary>
internal static class Examples
{
    private const string CorrelationId = "req-0198f2c47d1a7c3e9b5fd2a6e8c01b47";

    public static JsonObject? Of(MethodInfo? handler, string? operationId)
    {
        if (handler?.DeclaringType?.Assembly is not { } assembly || operationId is null)
            return null;
        using var stream = assembly.GetManifestResourceStream($"{assembly.GetName().Name}.OpenApi.Examples.{operationId}.json");
        return stream is null ? null : (JsonObject)JsonNode.Parse(stream)!;
    }

    public static JsonObject Enveloped(JsonNode? data) => new()
    {
        ["success"] = true,
        ["data"] = data?.DeepClone(),
        ["metadata"] = new JsonObject { ["timestamp"] = "2026-11-20T09:30:00.1234567Z", ["correlation_id"] = CorrelationId },
    };

    public static JsonObject Problem(Errors.ErrorCode code, int status, string detail, string instance, JsonObject? members)
    {
        var problem = new JsonObject
        {
            ["type"] = code.Type,
            ["title"] = code.Title,
            ["status"] = status,
            ["detail"] = detail,
            ["instance"] = instance,
            ["success"] = false,
            ["error"] = detail,
            ["error_code"] = code.Name,
            ["correlation_id"] = CorrelationId,
        };
        foreach (var (name, value) in members ?? [])
            problem[name] = value?.DeepClone();
        return problem;
    }
}
