using System.Text;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Jarvis.ServiceDefaults;

/// <summary>
/// Header values as they come: HTTP lets their bytes be anything but control characters (RFC 9110, 5.5), and only their owner knows what they mean. Read and written as
/// Latin-1, which has a character for each byte, they pass through every process unchanged; read as UTF-8 or ASCII one byte of a name would fail the request.
/// </summary>
public static class HeaderEncoding
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The same encoding for every header, as the servers want to be told.</summary>
    public static Encoding? OfAll(string name) => Encoding.Latin1;

    /// <summary>The text for people to read: UTF-8 where the bytes are that, else Latin-1.</summary>
    public static string Readable(string value)
    {
        if (Ascii.IsValid(value))
            return value;
        try
        {
            return Strict.GetString(Encoding.Latin1.GetBytes(value));
        }
        catch (DecoderFallbackException)
        {
            return value;
        }
    }

    internal static void AddHeaderEncoding(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<KestrelServerOptions>().Configure(kestrel =>
        {
            kestrel.RequestHeaderEncodingSelector = OfAll;
            kestrel.ResponseHeaderEncodingSelector = OfAll;
        });
        // What a caller sent may travel on with the trace (tracestate, baggage): it must not fail a call to somebody else.
        builder.Services.ConfigureHttpClientDefaults(http => http.ConfigurePrimaryHttpMessageHandler((handler, _) => (handler as SocketsHttpHandler)?.WithAllHeaderBytes()));
    }

    /// <summary>The same handler, which sends and reads header values so unless it was told otherwise.</summary>
    public static SocketsHttpHandler WithAllHeaderBytes(this SocketsHttpHandler handler)
    {
        handler.RequestHeaderEncodingSelector ??= static (_, _) => Encoding.Latin1;
        handler.ResponseHeaderEncodingSelector ??= static (_, _) => Encoding.Latin1;
        return handler;
    }
}
