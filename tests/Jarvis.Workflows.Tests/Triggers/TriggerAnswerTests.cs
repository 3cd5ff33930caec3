using Jarvis.ServiceDefaults.Envelopes;
using Jarvis.ServiceDefaults.Errors;
using Jarvis.Workflows.Tasks;
using Jarvis.Workflows.Triggers;

namespace Jarvis.Workflows.Tests.Triggers;

public sealed class TriggerAnswerTests
{
    [Theory]
    [InlineData(TaskState.Queued, null, true, 202)]
    [InlineData(TaskState.Running, null, true, 202)]
    [InlineData(TaskState.Succeeded, null, true, 200)]
    [InlineData(TaskState.Failed, "INTEGRATION_ERROR", false, 200)]
    [InlineData(TaskState.Failed, "INTEGRATION_ERROR", true, 502)]
    [InlineData(TaskState.Failed, "CIRCUIT_OPEN", true, 503)]
    [InlineData(TaskState.Unknown, "INTEGRATION_TIMEOUT", true, 504)]
    [InlineData(TaskState.Cancelled, null, true, 409)]
    public void Of_ATask_HasTheStatusOfItsEnd(TaskState state, string? code, bool waited, int status)
    {
        var now = TimeProvider.System.GetUtcNow();
        var task = new TaskView(new TaskSummary
        {
            TaskId = Guid.CreateVersion7(now),
            Kind = TriggerApi.Kind,
            Status = state,
            Webhook = new("POST", "a"),
            Attempt = 1,
            CorrelationId = "demo-0001",
            ErrorCode = code,
            Error = "why",
            CreatedAt = now,
            UpdatedAt = now,
            ElapsedMs = 1,
        });
        var answer = TriggerAnswer.Of(task, waited).Result;
        Assert.Equal(status, answer is Failure failure ? failure.Status : ((Enveloped<TaskView>)answer).Status);
        if (answer is Failure { Extensions: { } extensions })
            Assert.Equal(task.TaskId, extensions["task_id"]);
    }
}
