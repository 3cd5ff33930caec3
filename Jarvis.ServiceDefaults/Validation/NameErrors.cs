using Jarvis.ServiceDefaults.Errors;

namespace Jarvis.ServiceDefaults.Validation;

/// <summary>What is wrong with a request's names: the first of them in words, all of them counted.</summary>
internal sealed class NameErrors
{
    /// <summary>Longer names look like none of the contract's.</summary>
    public const int MaxNameBytes = 200;

    private readonly Dictionary<string, string[]> _errors = new(StringComparer.Ordinal);
    private int _count;

    public void Add(string name, string message)
    {
        _count++;
        if (_errors.TryGetValue(name, out var before))
            _errors[name] = before.Length == FieldErrors.MaxMessages || before.Contains(message, StringComparer.Ordinal) ? before : [.. before, message];
        else if (_errors.Count < FieldErrors.MaxFields)
            _errors[name] = [message];
    }

    public void Add(NameErrors others)
    {
        foreach (var (name, messages) in others._errors)
        {
            foreach (var message in messages)
                Add(name, message);
        }
        _count += others._count - others._errors.Sum(error => error.Value.Length);
    }

    /// <summary>The 422 that names them; null when there are none.</summary>
    public Failure? ToFailure()
    {
        if (_count == 0)
            return null;
        if (_count <= _errors.Count)
            return Failure.Invalid(_errors);
        return new(ErrorCode.Validation, $"{_count} fields are wrong: {string.Join(", ", _errors.Keys)}, …")
        {
            Errors = _errors,
            Extensions = new(StringComparer.Ordinal) { ["error_count"] = _count },
        };
    }
}
