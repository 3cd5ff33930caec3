using System.Globalization;
using Jarvis.ServiceDefaults.Errors;
using Jarvis.ServiceDefaults.Lists;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace Jarvis.ServiceDefaults.Tests;

public sealed class FieldErrorsTests
{
    [Fact]
    public void Add_WithoutEnd_KeepsTheFirstAndCountsAll()
    {
        var errors = new FieldErrors();
        for (var i = 0; i < 10_000; i++)
        {
            errors.Add("tags", i.ToString(CultureInfo.InvariantCulture));
            errors.Add($"tags.{i}", "is wrong");
        }
        Assert.Equal(20_000, errors.Count);
        Assert.Equal(FieldErrors.MaxFields, errors.Messages.Count);
        Assert.Equal(["0", "1", "2", "3"], errors.Messages["tags"]);
    }

    [Theory]
    [InlineData("?service=a%00b")]
    [InlineData("?service=a%0Ab")]
    [InlineData("?service=%C2%85")]
    public void Text_WithControlCharacters_IsRefused(string query)
    {
        var reader = new QueryReader(new QueryCollection(QueryHelpers.ParseQuery(query)));
        reader.Text("service");
        reader.Texts("service");
        var failure = Assert.Throws<FailureException>(reader.ThrowIfWrong).Failure;
        Assert.Equal((422, "must not have control characters"), (failure.Status, failure.Errors!["service"][0]));
    }
}
