namespace Jarvis.Gateway.HotCache;

/// <summary>
/// Which versions of the catalog an answer must not have to be kept: those that it moved on from a moment ago. A replica that has not followed yet would bring them
/// back. For one caller at a time.
/// </summary>
internal sealed class DoubtedVersions(TimeProvider time)
{
    /// <summary>Longer than a replica of the catalog takes to follow while it can ask Postgres.</summary>
    public static readonly TimeSpan Time = TimeSpan.FromSeconds(10);

    private const int MaxKept = 64;

    private readonly Dictionary<string, long> _left = new(StringComparer.Ordinal);
    private (string Version, long At)? _told;

    /// <summary>The catalog was at this version, and has, or may have, moved on.</summary>
    public void Left(string version)
    {
        foreach (var (old, at) in _left.ToArray())
        {
            if (time.GetElapsedTime(at) >= Time)
                _left.Remove(old);
        }
        if (_left.Count < MaxKept || _left.ContainsKey(version))
            _left[version] = time.GetTimestamp();
    }

    /// <summary>The catalog says that it is at this version now, whatever was thought of it.</summary>
    public void Told(string version)
    {
        if (_told is { } before && before.Version != version)
            Left(before.Version);
        _left.Remove(version);
        _told = (version, time.GetTimestamp());
    }

    /// <summary>Whether an answer of this version may be an old one.</summary>
    public bool Contains(string version) =>
        (_told is { } told && told.Version != version && time.GetElapsedTime(told.At) < Time)
        || (_left.TryGetValue(version, out var at) && time.GetElapsedTime(at) < Time);
}
