using System.ComponentModel.DataAnnotations;
using Jarvis.Workflows.Retention;

namespace Jarvis.Workflows.Tests.Retention;

public sealed class RetentionOptionsTests
{
    [Theory]
    [InlineData(30, true)]
    [InlineData(1, true)]
    [InlineData(0, false)]
    [InlineData(-1, false)]
    public void Days_AreAtLeastOne(int days, bool valid)
    {
        var options = new RetentionOptions { Days = days };
        Assert.Equal(valid, Validator.TryValidateObject(options, new(options), null, validateAllProperties: true));
    }
}
