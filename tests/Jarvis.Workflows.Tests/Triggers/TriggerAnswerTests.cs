using System.Text.Json;
using Jarvis.ServiceDefaults.Envelopes;
using Jarvis.ServiceDefaults.Errors;
using Jarvis.Workflows.N8n;
using Jarvis.Workflows.Tasks;
using Jarvis.Workflows.Triggers;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

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

    [Fact]
    public async Task Of_WhatN8nRefused_HasItsReasonsWithoutSecrets()
    {
        var now = TimeProvider.System.GetUtcNow();
        var summary = new TaskSummary
        {
            TaskId = Guid.CreateVersion7(now),
            Kind = TriggerApi.Kind,
            Status = TaskState.Failed,
            Webhook = new("POST", "a"),
            Attempt = 1,
            CorrelationId = "demo-0001",
            ErrorCode = "INTEGRATION_ERROR",
            Error = "n8n answered 422.",
            N8nExecutionId = "7",
            CreatedAt = now,
            UpdatedAt = now,
            ElapsedMs = 1,
        };
        var task = new TaskView(summary)
        {
            Answer = new("""{"http_status": 422, "format": "json"}"""),
            Result = new("""{"errors": {"quantity": ["must be\u0007 positive"], "token": ["is too old"]}, "api_key": "abc", "pin_secret": 4711, "by": "Bearer abcdefghijkl", "n": 1e999, "n": 2, "\ud800": "\ud800"}"""),
        };
        var failure = Assert.IsType<Failure>(TriggerAnswer.Of(task, waited: true).Result);
        var context = new DefaultHttpContext { Response = { Body = new MemoryStream() } };
        context.RequestServices = new ServiceCollection().ConfigureHttpJsonOptions(options => JsonRules.Apply(options.SerializerOptions)).BuildServiceProvider();
        await failure.ExecuteAsync(context);
        context.Response.Body.Position = 0;
        using var problem = await JsonDocument.ParseAsync(context.Response.Body);
        Assert.Equal(task.TaskId, problem.RootElement.GetProperty("task_id").GetGuid());
        Assert.Equal(
            """{"http_status":422,"execution_id":"7","body":{"errors":{"quantity":["must be  positive"],"token":["is too old"]},"api_key":"***","pin_secret":"***","by":"Bearer ***","n":1e999}}""",
            problem.RootElement.GetProperty("n8n").GetRawText());
    }

    [Fact]
    public void Excerpt_OfALongAnswer_IsItsBeginning()
    {
        var excerpt = N8nExcerpt.Of(new($"[\"password=hunter2 {new string('x', 50_000)}\"]"));
        var text = JsonSerializer.Deserialize<string>(excerpt.Text)!;
        Assert.StartsWith("[\"password=*** xxx", text, StringComparison.Ordinal);
        Assert.Equal(4_001, text.Length);
    }
}
