using System.Text.Json;
using DataPipeline.Domain.Common;

namespace DataPipeline.WebApi.Http;

/// <summary>Takes the members of a JSON object one by one, and gathers everything that does not fit instead of stopping at the first.</summary>
internal sealed class BodyMembers
{
    private readonly List<ErrorDetail> _faults = [];
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);
    private readonly JsonElement _body;

    internal BodyMembers(JsonElement body)
    {
        _body = body;
        if (body.ValueKind != JsonValueKind.Object) _faults.Add(new("", "INVALID_TYPE", "The body must be a JSON object."));
    }

    internal string? OptionalText(string name)
    {
        var value = Any(name);
        if (value.ValueKind is JsonValueKind.String) return value.GetString();
        if (value.ValueKind is not (JsonValueKind.Null or JsonValueKind.Undefined)) _faults.Add(new(name, "INVALID_TYPE", $"{name} must be a string."));
        return null;
    }

    internal bool OptionalFlag(string name)
    {
        var value = Any(name);
        if (value.ValueKind is not (JsonValueKind.True or JsonValueKind.False or JsonValueKind.Null or JsonValueKind.Undefined)) _faults.Add(new(name, "INVALID_TYPE", $"{name} must be true or false."));
        return value.ValueKind is JsonValueKind.True;
    }

    internal IReadOnlyList<JsonElement>? OptionalList(string name)
    {
        var value = Any(name);
        if (value.ValueKind is JsonValueKind.Array) return [.. value.EnumerateArray()];
        if (value.ValueKind is not (JsonValueKind.Null or JsonValueKind.Undefined)) _faults.Add(new(name, "INVALID_TYPE", $"{name} must be an array."));
        return null;
    }

    /// <returns>The member; undefined where there is none.</returns>
    internal JsonElement Any(string name)
    {
        _known.Add(name);
        return _body.ValueKind == JsonValueKind.Object && _body.TryGetProperty(name, out var value) ? value : default;
    }

    /// <summary>What did not fit, with the members nobody asked for. Called last.</summary>
    internal IReadOnlyList<ErrorDetail> Faults()
    {
        if (_body.ValueKind != JsonValueKind.Object) return _faults;
        foreach (var member in _body.EnumerateObject().Where(member => !_known.Contains(member.Name)))
        {
            _faults.Add(new(member.Name, "UNKNOWN_PROPERTY", $"\"{member.Name}\" is not known here; known are {string.Join(", ", _known)}."));
        }

        return _faults;
    }
}
