using Microsoft.AspNetCore.Http;

namespace OpenTelemetry.Instrumentation.AspNetCore;

public class AspNetCoreTraceInstrumentationOptions
{
    /// <summary>Requests for which it returns false make no span.</summary>
    public Func<HttpContext, bool>? Filter { get; set; }
}
