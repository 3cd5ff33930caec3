using System.Globalization;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Jarvis.ServiceDefaults.Correlation;
using Jarvis.ServiceDefaults.Errors;
using Jarvis.ServiceDefaults.Lists;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Primitives;

namespace Jarvis.ServiceDefaults.Tests.Properties;

/// <summary>What anybody can write into the correlation header and the parameters of a list, through the middleware that every request passes: never a 500.</summary>
public sealed class InputPropertyTests : IDisposable
{
    private static readonly Config Cases = Config.QuickThrowOnFailure.WithMaxTest(10_000);

    private static readonly string[] Pieces =
    [
        "", " ", "req-", "demo-0001", "\r\n", "\0", "\t", "é", "😀", "\ud800", "%00", "%", "../", "'", "\"", "<script>", "{{7*7}}", "A", "z", "0", "9", ".", "_", "-", ",", ";", ":",
        "-1", "0", "1", "50", "200", "201", "2147483647", "2147483648", "99999999999999999999", "1e3", "0x10", "+5", "1,000", "½", "٣", "NaN", "null", "limit", "offset", "sort", "category", "&", "=", "+", "#", "?",
        new string('a', 64), new string('a', 65), new string('9', 5_000),
    ];

    private static readonly Gen<string> Noise = Gen.OneOf(
        Gen.Elements(Pieces).ArrayOf().Select(string.Concat),
        Gen.Choose(0, 0xffff).Select(number => (char)number).ArrayOf().Select(characters => new string(characters)),
        Gen.Choose(0, 255).Select(number => (byte)number).ArrayOf().Select(Encoding.Latin1.GetString),
        Gen.Choose(-1_000, 1_000).Select(number => number.ToString(CultureInfo.InvariantCulture)));

    private readonly ServiceProvider _services = new ServiceCollection().AddLogging().BuildServiceProvider();

    public void Dispose() => _services.Dispose();

    [Fact]
    public void CorrelationHeader_OfAnyKind_GivesAValidIdAndNever500() => Check.One(Cases, Prop.ForAll(Noise.ArrayOf().ToArbitrary(), sent =>
    {
        var (status, id, seen) = Answer(context => context.Request.Headers[CorrelationId.Header] = new StringValues(sent), _ => { });
        Assert.Equal(StatusCodes.Status200OK, status);
        Assert.True(CorrelationId.IsValid(id), id);
        Assert.Equal(id, seen);
        if (sent is [{ } one] && CorrelationId.IsValid(one))
            Assert.Equal(one, id);
        else
            Assert.Matches("^req-[0-9a-f]{32}$", id);
    }));

    [Fact]
    public void PagingParameters_OfAnyKind_Are200Or422AndNever500()
    {
        var parameter = Gen.Elements("limit", "offset", "sort", "category", "LIMIT", "other").Zip(Noise);
        var escaped = parameter.Select(pair => $"{pair.Item1}={Uri.EscapeDataString(WithoutHalves(pair.Item2))}");
        var raw = parameter.Select(pair => $"{pair.Item1}={pair.Item2}");
        var query = Gen.OneOf(escaped, raw, Noise).ArrayOf().Select(parts => $"?{string.Join('&', parts)}");
        Check.One(Cases, Prop.ForAll(query.ToArbitrary(), text =>
        {
            ListQuery? read = null;
            var (status, id, _) = Answer(
                context => context.Request.Query = new QueryCollection(QueryHelpers.ParseQuery(text)),
                context => read = ListQuery.BindAsync(context).AsTask().GetAwaiter().GetResult());
            Assert.True(status is StatusCodes.Status200OK or StatusCodes.Status422UnprocessableEntity, $"{status} for {text}");
            Assert.True(CorrelationId.IsValid(id), id);
            Assert.Equal(status == StatusCodes.Status200OK, read is not null);
            if (read is not null)
                Assert.True(read is { Limit: >= 1 and <= ListQuery.MaxLimit, Offset: >= 0 });
        }));
    }

    /// <summary>The answer of correlation and problems around <paramref name="handler"/>: its status, its ID, and the ID that the handler saw.</summary>
    private (int Status, string Id, string? Seen) Answer(Action<HttpContext> ask, Action<HttpContext> handler)
    {
        var starting = new Starting();
        var features = new FeatureCollection();
        features.Set<IHttpRequestFeature>(new HttpRequestFeature { Method = "GET", Path = "/list" });
        features.Set<IHttpResponseFeature>(starting);
        features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(Stream.Null));
        var context = new DefaultHttpContext(features) { RequestServices = _services };
        ask(context);
        string? seen = null;
        var problems = new ProblemMiddleware(
            inner =>
            {
                seen = CorrelationId.Current;
                handler(inner);
                return Task.CompletedTask;
            },
            NullLogger<ProblemMiddleware>.Instance);
        new CorrelationMiddleware(problems.InvokeAsync, TimeProvider.System).InvokeAsync(context).GetAwaiter().GetResult();
        starting.Start();
        return (context.Response.StatusCode, Assert.Single((IEnumerable<string?>)context.Response.Headers[CorrelationId.Header])!, seen);
    }

    private static string WithoutHalves(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));

    /// <summary>A response that starts when it is told to.</summary>
    private sealed class Starting : HttpResponseFeature
    {
        private readonly Stack<(Func<object, Task> Callback, object State)> _callbacks = new();

        public override void OnStarting(Func<object, Task> callback, object state) => _callbacks.Push((callback, state));

        public void Start()
        {
            while (_callbacks.TryPop(out var entry))
                entry.Callback(entry.State).GetAwaiter().GetResult();
        }
    }
}
