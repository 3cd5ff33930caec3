using Jarvis.Gateway.OpenApi;

namespace Jarvis.Gateway.Tests.OpenApi;

public sealed class ExposedRoutesTests
{
    private static readonly ExposedRoutes Routes = new(
    [
        ("catalog", "/api/v2/workflows/{**rest}", null, null), ("workflows", "/api/v2/workflows/active", null, null), ("workflows", "/api/v2/tasks/{id}", ["GET"], null),
        (null, "/api/v2/nowhere", null, null),
    ]);

    [Theory]
    [InlineData("/api/v2/workflows", "catalog")]
    [InlineData("/api/v2/workflows/{id}/graph", "catalog")]
    [InlineData("/api/v2/workflows/active", "workflows")]
    [InlineData("/api/v2/tasks/{id}", "workflows")]
    [InlineData("/api/v2/tasks", null)]
    [InlineData("/api/v2/tasks/{id}/cancel", null)]
    [InlineData("/api/v2/nowhere", null)]
    [InlineData("/openapi/v2.json", null)]
    public void ServiceOf_IsTheOneThatTheProxyWouldAsk(string path, string? service) => Assert.Equal(service, Routes.ServiceOf(path, "get"));

    [Fact]
    public void ServiceOf_OfAMethodThatNoRouteTakes_IsNone() => Assert.Null(Routes.ServiceOf("/api/v2/tasks/{id}", "delete"));
}
