using System.Text.Json;
using Jarvis.ServiceDefaults.Errors;
using Jarvis.ServiceDefaults.Lists;
using Jarvis.Workflows.Triggers;
using Microsoft.AspNetCore.Http;

namespace Jarvis.Workflows.Tests.Triggers;

public sealed class TriggerRequestTests
{
    [Theory]
    [InlineData("{}", "webhook_path,workflow_id")]
    [InlineData("{\"workflow_id\":\"a\",\"webhook_path\":\"b\"}", "webhook_path,workflow_id")]
    [InlineData("{\"workflow_id\":5,\"method\":\"BREW\",\"payload\":[]}", "method,payload,workflow_id")]
    [InlineData("{\"workflow_id\":\"  \"}", "workflow_id")]
    [InlineData("{\"workflow_id\":\"a\\u0000\"}", "workflow_id")]
    [InlineData("{\"workflow_id\":\"\\ud800\"}", "workflow_id")]
    [InlineData("{\"webhook_path\":\"../rest/login\"}", "webhook_path")]
    [InlineData("{\"webhook_path\":\"a?b=c\"}", "webhook_path")]
    [InlineData("{\"webhook_path\":\"a//b\"}", "webhook_path")]
    [InlineData("{\"webhook_path\":\"%2e%2e/rest\"}", "webhook_path")]
    [InlineData("{\"webhook_path\":\"a\",\"method\":\"GET\",\"payload\":{\"x\":\"\\ud800\"}}", "payload")]
    public void Read_WithWrongFields_NamesEachOfThem(string body, string fields) =>
        Assert.Equal(fields, string.Join(',', Errors(body).Keys.Order(StringComparer.Ordinal)));

    [Fact]
    public void Read_WithALargePayload_NamesIt()
    {
        Assert.Empty(Errors($"{{\"webhook_path\":\"a\",\"payload\":{{\"x\":\"{new string('x', TriggerRequest.MaxPayloadBytes - 8)}\"}}}}"));
        Assert.Equal(["payload"], Errors($"{{\"webhook_path\":\"a\",\"payload\":{{\"x\":\"{new string('x', TriggerRequest.MaxPayloadBytes)}\"}}}}").Keys);
        Assert.Equal(["payload"], Errors($"{{\"webhook_path\":\"a\",\"method\":\"GET\",\"payload\":{{\"x\":\"{new string('x', 9_000)}\"}}}}").Keys);
    }

    [Fact]
    public void Read_OfARightBody_KeepsThePayloadAsWritten()
    {
        var request = Read("{\"webhook_path\":\"/orders/new/\",\"method\":\"put\",\"payload\":{ \"b\":1e400, \"a\":\"\\u0000\" },\"more\":1}", out _);
        Assert.Equal(new TriggerRequest(null, "orders/new", "PUT", "{ \"b\":1e400, \"a\":\"\\u0000\" }"), request);
    }

    [Fact]
    public void Hash_OfAnotherRequest_Differs()
    {
        var hashes = new[]
        {
            new TriggerRequest("a", null, null, "{}"), new TriggerRequest(null, "a", null, "{}"), new TriggerRequest("a", null, "POST", "{}"),
            new TriggerRequest("a", null, null, "{\"x\":1}"), new TriggerRequest("a{}", null, null, ""),
        }.Select(request => Convert.ToHexString(IdempotencyKey.Hash(request)));
        Assert.Equal(5, hashes.Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(IdempotencyKey.Hash(new("a", null, null, "{}")), IdempotencyKey.Hash(new("a", null, null, "{}")));
    }

    [Theory]
    [InlineData("", false)]
    [InlineData("k", true)]
    [InlineData("key with space ~", true)]
    [InlineData("kéy", false)]
    [InlineData("one, two", false)]
    public void IdempotencyKey_IsOneValueOfPrintableAscii(string key, bool valid)
    {
        var context = new DefaultHttpContext();
        context.Request.Headers[IdempotencyKey.Header] = key;
        var errors = new QueryReader(context.Request.Query);
        Assert.Equal(valid ? key : null, IdempotencyKey.Read(context.Request, errors));
        Assert.Equal(valid, Record.Exception(errors.ThrowIfWrong) is null);
    }

    [Fact]
    public void IdempotencyKey_Twice_IsRefused()
    {
        var context = new DefaultHttpContext();
        context.Request.Headers[IdempotencyKey.Header] = new(["one", "two"]);
        var errors = new QueryReader(context.Request.Query);
        Assert.Null(IdempotencyKey.Read(context.Request, errors));
        Assert.Contains(IdempotencyKey.Header, Assert.Throws<FailureException>(errors.ThrowIfWrong).Failure.Errors!.Keys);
    }

    private static IReadOnlyDictionary<string, string[]> Errors(string body)
    {
        Read(body, out var errors);
        return errors;
    }

    private static TriggerRequest Read(string body, out IReadOnlyDictionary<string, string[]> errors)
    {
        var reader = new QueryReader(new DefaultHttpContext().Request.Query);
        using var document = JsonDocument.Parse(body);
        var request = TriggerRequest.Read(document.RootElement, reader);
        errors = (Record.Exception(reader.ThrowIfWrong) as FailureException)?.Failure.Errors ?? new Dictionary<string, string[]>(StringComparer.Ordinal);
        return request;
    }
}
