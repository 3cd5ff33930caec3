namespace Jarvis.ServiceDefaults.Errors;

/// <summary>
/// What is wrong with the fields of a request: the first <see cref="MaxFields"/> of them with at most <see cref="MaxMessages"/> messages
/// each, and the
/// count of all. A hostile body has millions of wrong fields; what is kept of them, and what each costs, does not grow with their number.
/// </summary>
public sealed class FieldErrors
{
    /// <summary>Fields that are named.</summary>
    public const int MaxFields = 20;

    /// <summary>Messages of one field.</summary>
    public const int MaxMessages = 4;

    private readonly Dictionary<string, string[]> _messages = new(StringComparer.Ordinal);

    /// <summary>All that was added, kept or not.</summary>
    public int Count { get; private set; }

    /// <summary>The messages that are kept, by field.</summary>
    public IReadOnlyDictionary<string, string[]> Messages => _messages;

    /// <summary>Adds a message to those of <paramref name="field"/>, unless there are enough.</summary>
    public void Add(string field, string message)
    {
        Count++;
        if (_messages.TryGetValue(field, out var before))
        {
            if (before.Length < MaxMessages)
                _messages[field] = [.. before, message];
        }
        else if (_messages.Count < MaxFields)
        {
            _messages[field] = [message];
        }
    }

    /// <summary>Throws the 422 that names the fields, when there is one.</summary>
    public void ThrowIfAny()
    {
        if (Count > 0)
            throw Failure.Invalid(_messages).AsException();
    }
}
