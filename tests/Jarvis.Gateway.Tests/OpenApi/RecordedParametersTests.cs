using Jarvis.Gateway.OpenApi;
using Jarvis.ServiceDefaults.Redaction;

namespace Jarvis.Gateway.Tests.OpenApi;

public sealed class RecordedParametersTests
{
    [Fact]
    public void QueryParameter_OfTheApi_IsEitherRecordedOrWithheld()
    {
        var schemas = new JsonSchemaCheck(ServiceDocuments.Committed);
        var names = (from path in ServiceDocuments.Committed["paths"]!.AsObject()
                     from operation in path.Value!.AsObject()
                     from parameter in operation.Value!["parameters"]?.AsArray() ?? []
                     let described = schemas.Resolve(parameter!)
                     where (string?)described["in"] == "query"
                     select (string)described["name"]!).Distinct(StringComparer.Ordinal);
        Assert.All(names, name => Assert.True(QueryParameters.IsRecorded(name) != QueryParameters.Withheld.Contains(name), $"Decide in {nameof(QueryParameters)} whether spans may say the value of {name}."));
    }
}
