using System.Text;
using System.Text.Json.Serialization.Metadata;
using Jarvis.ServiceDefaults.Envelopes;

namespace Jarvis.ServiceDefaults.Validation;

/// <summary>Which members a part of a body may have: those of an object, those of an array's items, or anything at all.</summary>
internal sealed class BodyShape
{
    private BodyMember[]? _members;
    private NameSuggester? _suggester;

    /// <summary>Whatever the caller likes, and what has no members.</summary>
    public static readonly BodyShape Free = new();

    /// <summary>No members at all: the route takes no body.</summary>
    public static readonly BodyShape None = new() { _members = [] };

    /// <summary>Null where an object may have any members.</summary>
    public IReadOnlyList<BodyMember>? Members => _members;

    /// <summary>Null where an array may have any items.</summary>
    public BodyShape? Items { get; private set; }

    public bool IsFree => _members is null && Items is null;

    /// <summary>The shape of a body that may be any of these types.</summary>
    public static BodyShape Of(IReadOnlyList<Type> types)
    {
        var known = new Dictionary<Type, BodyShape>();
        var shapes = types.Select(type => Of(type, known)).ToList();
        if (shapes is [var only])
            return only;
        var members = shapes.SelectMany(shape => shape._members ?? []).DistinctBy(member => member.Name, StringComparer.Ordinal).ToArray();
        return new() { _members = members.Length == 0 ? null : members, Items = shapes.Find(shape => shape.Items is not null)?.Items };
    }

    /// <summary>The name that an unknown member of this object was probably meant to have.</summary>
    public string? Suggest(string name) =>
        (_suggester ??= new NameSuggester((_members ?? []).Select(member => member.Name), Synonyms.OfBody)).For(name);

    private static BodyShape Of(Type type, Dictionary<Type, BodyShape> known)
    {
        if (known.TryGetValue(type, out var shape))
            return shape;
        var contract = JsonRules.Options.GetTypeInfo(type);
        if (contract.Kind is not (JsonTypeInfoKind.Object or JsonTypeInfoKind.Enumerable) || type == typeof(object))
            return Free;
        // Entered before its parts are looked at: a type may contain itself.
        known.Add(type, shape = new BodyShape());
        if (contract.Kind == JsonTypeInfoKind.Enumerable)
        {
            shape.Items = contract.ElementType is { } item ? Of(item, known) : Free;
            return shape;
        }
        shape._members =
        [
            .. contract.Properties.Where(property => property is { IsExtensionData: false } && (property.Set is not null || property.AssociatedParameter is not null))
                .Select(property => new BodyMember(property.Name, Encoding.UTF8.GetBytes(property.Name), Of(property.PropertyType, known))),
        ];
        return shape;
    }
}

/// <summary>A member of a body that the route knows.</summary>
internal sealed record BodyMember(string Name, byte[] Utf8Name, BodyShape Shape);
