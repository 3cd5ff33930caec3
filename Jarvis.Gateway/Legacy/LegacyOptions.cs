using System.ComponentModel.DataAnnotations;

namespace Jarvis.Gateway.Legacy;

/// <summary>Names and shapes of before; section <c>Legacy</c>.</summary>
public sealed record LegacyOptions : IValidatableObject
{
    /// <summary>Since when <c>/api/v1</c> is deprecated: its <c>Deprecation</c> header.</summary>
    public DateTimeOffset DeprecatedSince { get; init; } = new(2026, 11, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>When <c>/api/v1</c> may go away: its <c>Sunset</c> header. It does not go by itself.</summary>
    public DateTimeOffset Sunset { get; init; } = new(2027, 11, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Where it is written what differs; told to clients of <c>/api/v1</c>.</summary>
    [Required]
    public string Documentation { get; init; } = "docs/legacy-routes.md";

    /// <summary>Clients of <c>/api/v1</c> that are counted by name; the others are counted together as <c>other</c>.</summary>
    [Range(0, 10_000)]
    public int MaxClients { get; init; } = 100;

    /// <summary>Old path to new path; what follows an old path follows the new one too.</summary>
    public IReadOnlyDictionary<string, string> Names { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Sunset <= DeprecatedSince)
            yield return new ValidationResult("Legacy:Sunset must be later than Legacy:DeprecatedSince.", [nameof(Sunset)]);
        foreach (var (old, current) in Names)
        {
            if (old.Length < 2 || old[0] != '/' || old[^1] == '/' || current.Length < 2 || current[0] != '/' || current[^1] == '/')
                yield return new ValidationResult($"Legacy:Names: '{old}' and '{current}' must be paths that begin with a slash and do not end in one.", [nameof(Names)]);
        }
    }
}
