using System.Text;
using System.Text.Json;
using DataPipeline.Domain.Common;

namespace DataPipeline.WebApi.Http;

/// <summary>What a JSON parser lets pass and a reader cannot use: a name that stands twice in an object, and text that is no Unicode.</summary>
internal static class JsonCheck
{
    /// <param name="utf8">Well-formed JSON.</param>
    /// <param name="opaque">The member of the outermost object that is not looked into; <c>null</c> for none.</param>
    internal static Error? FirstFault(ReadOnlySpan<byte> utf8, int maxDepth, string? opaque)
    {
        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = maxDepth });
        var path = new Stack<Level>();
        while (reader.Read())
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.StartObject or JsonTokenType.StartArray:
                    path.Push(new Level(reader.TokenType == JsonTokenType.StartObject));
                    continue;
                case JsonTokenType.EndObject or JsonTokenType.EndArray:
                    path.Pop();
                    break;
                case JsonTokenType.PropertyName or JsonTokenType.String when TextOf(ref reader) is not { } text:
                    return NoUnicode(utf8[..(int)reader.TokenStartIndex]);
                case JsonTokenType.PropertyName:
                    var name = reader.GetString()!;
                    if (!path.Peek().Enter(name)) return Error.Validation("The request is not valid.", new ErrorDetail(Write(path), "DUPLICATE_PROPERTY", $"\"{name}\" stands more than once."));
                    if (path.Count == 1 && name == opaque) reader.Skip();
                    continue;
                default:
                    break;
            }

            if (path.TryPeek(out var parent)) parent.Index++;
        }

        return null;
    }

    private static string? TextOf(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private static Error NoUnicode(ReadOnlySpan<byte> before) =>
        JsonRequest.Malformed("this text is not valid Unicode", before.Count((byte)'\n'), before.Length - (before.LastIndexOf((byte)'\n') + 1));

    private static string Write(IEnumerable<Level> path)
    {
        var text = new StringBuilder();
        foreach (var level in path.Reverse())
        {
            if (!level.IsObject) text.Append('[').Append(level.Index).Append(']');
            else text.Append(text.Length == 0 ? "" : ".").Append(level.Name);
        }

        return text.ToString();
    }

    private sealed class Level(bool isObject)
    {
        private readonly HashSet<string> _names = new(StringComparer.Ordinal);

        internal bool IsObject => isObject;

        internal string? Name { get; private set; }

        internal int Index { get; set; }

        internal bool Enter(string name)
        {
            Name = name;
            return _names.Add(name);
        }
    }
}
