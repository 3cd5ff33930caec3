using System.Collections.Frozen;
using Jarvis.ServiceDefaults.OpenApi;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Microsoft.OpenApi;

namespace Jarvis.ServiceDefaults.Validation;

/// <summary>The names that a route knows, read from what it tells the API description.</summary>
internal sealed class EndpointNames
{
    private readonly string[] _query;
    private readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> _known;
    private readonly FrozenSet<string> _judged;
    private readonly FrozenDictionary<string, string> _headers;
    private readonly Lazy<NameSuggester> _suggester;
    private readonly Func<string, bool> _isKnownElsewhere;

    private EndpointNames(EndpointMetadataCollection metadata, BodyShape body, Func<string, bool> isKnownElsewhere)
    {
        _query = [.. QueryOf(metadata)];
        _known = _query.ToFrozenSet(StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();
        _judged = metadata.OfType<JudgedNamesMetadata>().SelectMany(each => each.Names).ToFrozenSet(StringComparer.Ordinal);
        _headers = metadata.OfType<ParameterMetadata>().Where(parameter => parameter.In == ParameterLocation.Header).DistinctBy(parameter => parameter.Name, StringComparer.Ordinal)
            .ToFrozenDictionary(parameter => NameWords.Of(parameter.Name).Snake, parameter => parameter.Name, StringComparer.Ordinal);
        _suggester = new(() => new NameSuggester(_query, Synonyms.OfQuery));
        _isKnownElsewhere = isKnownElsewhere;
        Body = body;
    }

    /// <summary>The body's; <see cref="BodyShape.None"/> where the route takes none.</summary>
    public BodyShape Body { get; }

    /// <summary>Whether there is anything to look for in a body.</summary>
    public bool ReadsBody => !Body.IsFree;

    /// <summary>What the route knows; null for routes that the contract does not describe, such as those of the proxy, whose services look themselves.</summary>
    /// <param name="isKnownElsewhere">Whether another route of the process has a query parameter of a name.</param>
    public static EndpointNames? Of(Endpoint endpoint, Func<string, bool> isKnownElsewhere)
    {
        var metadata = endpoint.Metadata;
        if (metadata.GetMetadata<IEndpointNameMetadata>() is null && metadata.GetMetadata<ParameterMetadata>() is null)
            return null;
        return new(metadata, BodyOf(metadata), isKnownElsewhere);
    }

    private static BodyShape BodyOf(EndpointMetadataCollection metadata)
    {
        if (metadata.GetMetadata<FreeBodyMetadata>() is not null)
            return BodyShape.Free;
        var type = metadata.GetMetadata<IAcceptsMetadata>()?.RequestType;
        var shapes = metadata.GetMetadata<BodyShapesMetadata>()?.Shapes ?? (type is null ? [] : [type]);
        return shapes.Count == 0 ? BodyShape.None : BodyShape.Of(shapes);
    }

    /// <summary>The query parameters that a route declares.</summary>
    public static IEnumerable<string> QueryOf(EndpointMetadataCollection metadata) =>
        metadata.OfType<ParameterMetadata>().Where(parameter => parameter.In == ParameterLocation.Query).Select(parameter => parameter.Name).Distinct(StringComparer.Ordinal);

    public bool IsKnown(ReadOnlySpan<char> parameter) => _known.Contains(parameter);

    /// <summary>What is wrong with a query parameter that is not known; null when it looks like nothing that is.</summary>
    public string? ForParameter(string name)
    {
        if (IsJudged(name))
            return null;
        if (_suggester.Value.For(name) is { } meant)
            return $"is not a parameter of this route; did you mean '{meant}'?";
        var snake = NameWords.Of(name).Snake;
        if (Body.Members?.Any(member => member.Name == snake) == true)
            return "is a field of the body, not a parameter of the address";
        if (_headers.TryGetValue(snake, out var header))
            return $"is not a parameter of this route: send the header {header}";
        // A list that leaves out what it was asked for gives wrong data, not an error.
        var isFilter = _known.Contains("limit") && Synonyms.OfQuery.Knows(snake);
        return isFilter || (!Synonyms.IsHarmless(snake) && _isKnownElsewhere(snake))
            ? $"is not a parameter of this route, which takes {(_query.Length == 0 ? "none" : string.Join(", ", _query))}"
            : null;
    }

    /// <summary>Whether the handler refuses the name itself.</summary>
    public bool IsJudged(string name) => _judged.Contains(name);

    /// <summary>Where a member belongs that the body does not have.</summary>
    public string? ElsewhereForMember(string name)
    {
        var snake = NameWords.Of(name).Snake;
        if (_known.Contains(snake))
            return $"belongs into the address, not into the body: ?{snake}=";
        return _headers.TryGetValue(snake, out var header) ? $"is not a field of this body: send the header {header}" : null;
    }
}
