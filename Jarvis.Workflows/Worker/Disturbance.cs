namespace Jarvis.Workflows.Worker;

/// <summary>A fault that lasts is told once when it begins and once when it is over. For one loop, not for several threads.</summary>
public sealed class Disturbance
{
    private bool _lasts;

    /// <summary>True at the first failure since it worked.</summary>
    public bool Begins() => !_lasts && (_lasts = true);

    /// <summary>True at the first success since it failed.</summary>
    public bool Ends()
    {
        var ended = _lasts;
        _lasts = false;
        return ended;
    }
}
