using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Jarvis.ServiceDefaults.Validation;

/// <summary>
/// Goes through a body's names once: a member that is unknown and looks like a known one, or belongs elsewhere in the request, and a known one that comes twice are
/// told to <see cref="NameErrors"/>. Names that are all known cost no memory. What is no JSON is left to whoever reads the values.
/// </summary>
internal ref struct BodyNames
{
    // Of the contract; what is deeper is refused by who reads the values.
    private const int MaxDepth = 32;

    // Unknown names that are compared with the known ones; a body that has more is refused nothing for the rest.
    private const int MaxCompared = 1_000;

    // Longer bodies track repeats of their first 64 members only; none has as many.
    private const int MaxTracked = 64;

    private readonly EndpointNames _endpoint;
    private readonly NameErrors _errors = new();
    private readonly (string? Name, int Index)[] _path = new (string?, int)[MaxDepth + 1];
    private Utf8JsonReader _reader;
    private HashSet<(BodyShape, string)>? _harmless;
    private int _compared;
    private int _depth;

    private BodyNames(ReadOnlySequence<byte> json, EndpointNames endpoint)
    {
        _reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaxDepth });
        _endpoint = endpoint;
    }

    public static void Check(ReadOnlySequence<byte> json, EndpointNames endpoint, NameErrors errors)
    {
        var names = new BodyNames(json, endpoint);
        try
        {
            if (names._reader.Read())
                names.Value(endpoint.Body);
            errors.Add(names._errors);
        }
        catch (JsonException)
        {
            // What was found before the text went wrong says nothing.
        }
    }

    private void Value(BodyShape shape)
    {
        if (_reader.TokenType == JsonTokenType.StartObject && shape.Members is { } members)
            Object(shape, members);
        else if (_reader.TokenType == JsonTokenType.StartArray && shape.Items is { IsFree: false } items)
            Array(items);
        else
            _reader.Skip();
    }

    private void Array(BodyShape items)
    {
        var depth = _depth++;
        for (var index = 0; _reader.Read() && _reader.TokenType != JsonTokenType.EndArray; index++)
        {
            _path[depth] = (null, index);
            Value(items);
        }
        _depth = depth;
    }

    private void Object(BodyShape shape, IReadOnlyList<BodyMember> members)
    {
        var depth = _depth++;
        var seen = 0UL;
        while (_reader.Read() && _reader.TokenType == JsonTokenType.PropertyName)
        {
            var index = IndexOf(members, out var isText);
            if (index < 0)
            {
                if (isText)
                    Unknown(shape, depth);
                else
                    _errors.Add(Path(depth, "?"), "is a name that is not valid Unicode");
                _reader.Read();
                _reader.Skip();
                continue;
            }
            var bit = index < MaxTracked ? 1UL << index : 0;
            if ((seen & bit) != 0)
                _errors.Add(Path(depth, members[index].Name), "is given more than once");
            seen |= bit;
            _path[depth] = (members[index].Name, 0);
            _reader.Read();
            Value(members[index].Shape);
        }
        _depth = depth;
    }

    private readonly int IndexOf(IReadOnlyList<BodyMember> members, out bool isText)
    {
        isText = true;
        if (_reader.ValueIsEscaped && Text() is var name)
        {
            // Readers of values fail at a name that is no text, whichever they look for.
            isText = name is not null;
            return members.ToList().FindIndex(member => member.Name == name);
        }
        for (var i = 0; i < members.Count; i++)
        {
            if (_reader.ValueTextEquals(members[i].Utf8Name))
                return i;
        }
        return -1;
    }

    private void Unknown(BodyShape shape, int depth)
    {
        if (_reader.HasValueSequence ? _reader.ValueSequence.Length > NameErrors.MaxNameBytes : _reader.ValueSpan.Length > NameErrors.MaxNameBytes)
            return;
        if (Text() is not { } name || _harmless?.Contains((shape, name)) == true || _compared == MaxCompared)
            return;
        _compared++;
        if (depth == 0 && _endpoint.IsJudged(name))
            return;
        if (shape.Suggest(name) is { } meant)
            _errors.Add(Path(depth, name), $"is not a field of {(depth == 0 ? "this body" : "this object")}; did you mean '{meant}'?");
        else if (depth == 0 && _endpoint.ElsewhereForMember(name) is { } elsewhere)
            _errors.Add(Path(depth, name), elsewhere);
        else
            (_harmless ??= []).Add((shape, name));
    }

    private readonly string? Text()
    {
        try
        {
            return _reader.GetString();
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair.
            return null;
        }
    }

    private readonly string Path(int depth, string name)
    {
        var path = new StringBuilder();
        foreach (var (member, index) in _path.AsSpan(0, depth))
        {
            if (member is null)
                path.Append(CultureInfo.InvariantCulture, $"[{index}]");
            else
                path.Append(path.Length == 0 ? "" : ".").Append(member);
        }
        return path.Append(path.Length == 0 ? "" : ".").Append(name).ToString();
    }
}
