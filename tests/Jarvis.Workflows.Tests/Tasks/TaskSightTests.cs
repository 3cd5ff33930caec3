using System.Text.Json;
using Jarvis.ServiceDefaults.Envelopes;
using Jarvis.ServiceDefaults.Security;
using Jarvis.Workflows.Tasks;

namespace Jarvis.Workflows.Tests.Tasks;

public sealed class TaskSightTests
{
    private const string Secret = "what n8n answered";
    private static readonly Guid Own = Guid.Parse("01890000-0000-7000-8000-00000000000b");
    private static readonly Guid Other = Guid.Parse("01890000-0000-7000-8000-00000000000d");

    [Theory]
    [InlineData(Role.Viewer, CallerKind.User, false)]
    [InlineData(Role.Viewer, CallerKind.ApiKey, false)]
    [InlineData(Role.Operator, CallerKind.ApiKey, true)]
    [InlineData(Role.Admin, CallerKind.User, true)]
    [InlineData(Role.Admin, CallerKind.Service, true)]
    public void Result_OfAnotherAccount_IsForOperatorsAndAdmins(Role role, CallerKind kind, bool seen)
    {
        var caller = new Caller(kind, Own, Own, role, [], default, default);
        Assert.Equal(seen, Json(Ended(new(CallerKind.User, Other)).SeenBy(caller)).Contains(Secret, StringComparison.Ordinal));
        Assert.Equal(!seen, Ended(new(CallerKind.User, Other)).SeenBy(caller).ResultHidden);
        Assert.Equal(seen, Json<TaskSummary>(((TaskSummary)Ended(new(CallerKind.User, Other))).SeenBy(caller)).Contains(Secret, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(CallerKind.User)]
    [InlineData(CallerKind.ApiKey)]
    public void Result_OfOnesOwnRun_IsSeenWhateverTheRole(CallerKind kind)
    {
        var task = Ended(new(kind, Own)).SeenBy(new(CallerKind.User, Own, Other, Role.Viewer, [], default, default));
        Assert.False(task.ResultHidden);
        Assert.Contains(Secret, Json(task), StringComparison.Ordinal);
    }

    [Fact]
    public void Result_OfAServicesOrAnOldRun_IsNobodysOwn()
    {
        var nobody = new Caller(CallerKind.User, Guid.Empty, Other, Role.Viewer, [], default, default);
        Assert.True(Ended(new(CallerKind.Service, null)).SeenBy(nobody).ResultHidden);
        Assert.True(Ended(null).SeenBy(nobody).ResultHidden);
    }

    [Fact]
    public void HiddenResult_LeavesStateNamesAndTimes()
    {
        var task = Ended(new(CallerKind.User, Other)).SeenBy(new(CallerKind.User, Own, Own, Role.Viewer, [], default, default));
        var json = JsonSerializer.SerializeToElement(task, JsonRules.Options);
        Assert.Equal(("failed", "orders", "INTEGRATION_ERROR", Other.ToString()), (
            json.GetProperty("status").GetString(), json.GetProperty("workflow_name").GetString(), json.GetProperty("error_code").GetString(),
            json.GetProperty("started_by").GetProperty("account_id").GetString()));
        foreach (var hidden in (string[])["result", "answer", "error", "n8n_execution_id"])
            Assert.Equal(JsonValueKind.Null, json.GetProperty(hidden).ValueKind);
        Assert.Equal(JsonValueKind.Null, Assert.Single(json.GetProperty("events").EnumerateArray()).GetProperty("detail").ValueKind);
        Assert.True(json.GetProperty("result_hidden").GetBoolean());
    }

    // Every viewer hears these on the WebSocket.
    [Theory]
    [InlineData(typeof(TaskChanged), "attempt,error_code,kind,status,task_id,workflow_id,workflow_name")]
    [InlineData(typeof(WorkflowChanged), "attempt,error_code,status,task_id,workflow_id,workflow_name")]
    public void News_HasNothingOfAResult(Type news, string members) =>
        Assert.Equal(members, string.Join(',', news.GetProperties().Select(property => JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name)).Order(StringComparer.Ordinal)));

    private static TaskView Ended(TaskCaller? startedBy) => new(new TaskSummary
    {
        TaskId = Other,
        Kind = "workflow.trigger",
        Status = TaskState.Failed,
        WorkflowName = "orders",
        Webhook = new("POST", "orders"),
        Attempt = 1,
        CorrelationId = "of-the-test",
        StartedBy = startedBy,
        ErrorCode = "INTEGRATION_ERROR",
        Error = $"n8n says: {Secret}",
        N8nExecutionId = Secret,
        CreatedAt = default,
        UpdatedAt = default,
        ElapsedMs = 1,
    })
    {
        Result = new($"\"{Secret}\""),
        Answer = new($"\"{Secret}\""),
        Events = [new(default, "failed", 1, Secret, startedBy)],
    };

    private static string Json<T>(T value) => JsonSerializer.Serialize(value, JsonRules.Options);
}
