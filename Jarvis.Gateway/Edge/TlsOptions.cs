using System.ComponentModel.DataAnnotations;

namespace Jarvis.Gateway.Edge;

/// <summary>TLS of the addresses that begin with <c>https://</c>; section <c>Https</c>.</summary>
public sealed record TlsOptions : IValidatableObject
{
    /// <summary>Serves HTTPS, and tells browsers to use nothing else (HSTS), except under the names of the loopback.</summary>
    public bool Enabled { get; init; }

    /// <summary>A PEM or PKCS#12 file; without one the development certificate of this machine is used.</summary>
    public string? CertificatePath { get; init; }

    /// <summary>The key of a PEM certificate, when it is not in the same file.</summary>
    public string? CertificateKeyPath { get; init; }

    /// <summary>Of the PKCS#12 file or of the encrypted PEM key.</summary>
    public string? Password { get; init; }

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (!Enabled)
            yield break;
        foreach (var (name, path) in new[] { (nameof(CertificatePath), CertificatePath), (nameof(CertificateKeyPath), CertificateKeyPath) })
        {
            if (!string.IsNullOrEmpty(path) && !File.Exists(path))
                yield return new ValidationResult($"Https:{name}: there is no file {path}.", [name]);
        }
        if (!string.IsNullOrEmpty(CertificateKeyPath) && string.IsNullOrEmpty(CertificatePath))
            yield return new ValidationResult("Https:CertificateKeyPath needs Https:CertificatePath.", [nameof(CertificateKeyPath)]);
    }
}
