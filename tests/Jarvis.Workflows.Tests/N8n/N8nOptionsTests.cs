using System.ComponentModel.DataAnnotations;
using Jarvis.Workflows.N8n;

namespace Jarvis.Workflows.Tests.N8n;

public sealed class N8nOptionsTests
{
    [Theory]
    [InlineData("", true)]
    [InlineData("http://localhost:5678", true)]
    [InlineData("https://n8n.example/base/", true)]
    [InlineData("localhost:5678", false)]
    [InlineData("ftp://n8n.example", false)]
    [InlineData("http://n8n.example/?x=1", false)]
    public void BaseUrl_IsAnHttpAddressOrEmpty(string url, bool valid)
    {
        var options = new N8nOptions { BaseUrl = url };
        Assert.Equal(valid, Validator.TryValidateObject(options, new(options), null, validateAllProperties: true));
    }

    [Theory]
    [InlineData("", "X-Jarvis-Key", true)]
    [InlineData("Bearer abc=", "Authorization", true)]
    [InlineData("line\nbreak", "X-Jarvis-Key", false)]
    [InlineData(" padded", "X-Jarvis-Key", false)]
    [InlineData("schlüssel", "X-Jarvis-Key", false)]
    [InlineData("k-123", "X Jarvis Key", false)]
    [InlineData("k-123", "", false)]
    [InlineData("k-123", "content-type", false)]
    [InlineData("k-123", "idempotency-key", false)]
    public void WebhookKey_IsAHeaderThatCanBeSentBesideTheOthers(string key, string header, bool valid)
    {
        var options = new N8nOptions { WebhookKey = key, WebhookKeyHeader = header };
        var results = new List<ValidationResult>();
        Assert.Equal(valid, Validator.TryValidateObject(options, new(options), results, validateAllProperties: true));
        Assert.DoesNotContain(results, result => key.Length > 0 && result.ErrorMessage!.Contains(key, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("http://n8n:5678", "http://n8n:5678/webhook/a")]
    [InlineData("http://n8n:5678/base", "http://n8n:5678/base/webhook/a")]
    [InlineData("http://n8n:5678/base/", "http://n8n:5678/base/webhook/a")]
    public void Address_KeepsThePathPrefix(string url, string address) =>
        Assert.Equal(address, new N8nOptions { BaseUrl = url }.Address("webhook/a").AbsoluteUri);
}
