using Jarvis.ServiceDefaults.Errors;
using Jarvis.ServiceDefaults.Lists;
using Jarvis.Workflows.Tasks;
using Microsoft.AspNetCore.Http;

namespace Jarvis.Workflows.Tests.Tasks;

public sealed class TaskFilterTests
{
    [Theory]
    [InlineData("?status=ended", "status")]
    [InlineData("?correlation_id=short", "correlation_id")]
    [InlineData("?correlation_id=demo-0001&correlation_id=demo-0002", "correlation_id")]
    [InlineData("?correlation_id=demo%200001&workflow_id=a%00b&status=x", "correlation_id,status,workflow_id")]
    public void Read_WithWrongValues_NamesEachOfThem(string query, string fields)
    {
        var reader = Reader(query);
        TaskFilter.Read(reader);
        var errors = Assert.Throws<FailureException>(reader.ThrowIfWrong).Failure.Errors!;
        Assert.Equal(fields, string.Join(',', errors.Keys.Order(StringComparer.Ordinal)));
    }

    [Fact]
    public void Read_WithRightValues_KeepsThem()
    {
        var reader = Reader("?status=failed&correlation_id=demo-0001&workflow_id=main%2Forders");
        Assert.Equal(new TaskFilter("failed", "demo-0001", "main/orders"), TaskFilter.Read(reader));
        reader.ThrowIfWrong();
        Assert.Equal(new TaskFilter(null, null, null), TaskFilter.Read(Reader("")));
    }

    private static QueryReader Reader(string query)
    {
        var context = new DefaultHttpContext();
        context.Request.QueryString = new(query);
        return new(context.Request.Query);
    }
}
