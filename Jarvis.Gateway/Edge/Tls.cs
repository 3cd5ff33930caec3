using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;

namespace Jarvis.Gateway.Edge;

/// <summary>The certificate and protocols of HTTPS: TLS 1.2 and 1.3, HTTP/1.1 and HTTP/2 by ALPN.</summary>
internal static class Tls
{
    public static void AddTls(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<TlsOptions>().BindConfiguration("Https").ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddOptions<KestrelServerOptions>().Configure<IOptions<TlsOptions>>((kestrel, tls) =>
        {
            if (!tls.Value.Enabled)
                return;
            var certificate = Load(tls.Value);
            kestrel.ConfigureHttpsDefaults(https =>
            {
                https.SslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13;
                if (certificate is not null)
                    https.ServerCertificate = certificate;
            });
        });
    }

    private static X509Certificate2? Load(TlsOptions options)
    {
        if (string.IsNullOrEmpty(options.CertificatePath))
            return null;
        if (X509Certificate2.GetCertContentType(options.CertificatePath) == X509ContentType.Pkcs12)
            return X509CertificateLoader.LoadPkcs12FromFile(options.CertificatePath, options.Password);
        using var pem = string.IsNullOrEmpty(options.Password)
            ? X509Certificate2.CreateFromPemFile(options.CertificatePath, options.CertificateKeyPath)
            : X509Certificate2.CreateFromEncryptedPemFile(options.CertificatePath, options.Password, options.CertificateKeyPath);
        // On Windows a key that is only in memory cannot serve TLS.
        return X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), null);
    }
}
