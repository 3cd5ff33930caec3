using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Jarvis.Gateway.Tests.Edge;

public sealed class TlsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("jarvis-tls-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("pem")]
    [InlineData("pfx")]
    public async Task Https_WithACertificate_SpeaksHttp1AndHttp2_AndSaysHsts(string format)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=jarvis.example", key, HashAlgorithmName.SHA256);
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        var file = Path.Combine(_folder, $"cert.{format}");
        string[] settings = [$"--Https:CertificatePath={file}", "--Https:Password=secret"];
        if (format == "pem")
        {
            await File.WriteAllTextAsync(file, certificate.ExportCertificatePem());
            await File.WriteAllTextAsync(Path.Combine(_folder, "key.pem"), key.ExportPkcs8PrivateKeyPem());
            settings = [settings[0], $"--Https:CertificateKeyPath={Path.Combine(_folder, "key.pem")}"];
        }
        else
        {
            await File.WriteAllBytesAsync(file, certificate.Export(X509ContentType.Pkcs12, "secret"));
        }
        await using var gateway = await GatewayHost.StartAsync(null, ["--Https:Enabled=true", "--urls=https://127.0.0.1:0", "--Gateway:AllowedHosts:0=jarvis.example", .. settings]);
        using var client = new HttpClient(new SocketsHttpHandler { SslOptions = { RemoteCertificateValidationCallback = (_, shown, _, _) => shown?.GetCertHashString() == certificate.GetCertHashString() } })
        {
            BaseAddress = gateway.Client.BaseAddress,
        };
        foreach (var version in (Version[])[HttpVersion.Version11, HttpVersion.Version20])
        {
            foreach (var name in (string?[])["jarvis.example", null])
            {
                using var asked = new HttpRequestMessage(HttpMethod.Get, "/api/v2/agents") { Version = version, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
                asked.Headers.Host = name;
                asked.Headers.Authorization = gateway.Client.DefaultRequestHeaders.Authorization;
                using var response = await client.SendAsync(asked);
                Assert.Equal(HttpStatusCode.OK, response.StatusCode);
                Assert.Equal(version, response.Version);
                Assert.Equal(name is not null, response.Headers.Contains("Strict-Transport-Security"));
            }
        }
    }
}
