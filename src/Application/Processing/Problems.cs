using System.Text.Json;
using DataPipeline.Domain.Common;

namespace DataPipeline.Application.Processing;

/// <summary>Collects what is wrong with a configuration.</summary>
internal sealed class Problems
{
    private readonly List<ErrorDetail> _details = [];

    internal IReadOnlyList<ErrorDetail> Details => _details;

    internal void Add(string path, string code, string message) => _details.Add(new ErrorDetail(path, code, message));

    internal void Required(string path) => Add(path, "REQUIRED", $"{NameOf(path)} is required.");

    internal void WrongType(string path, string expected, JsonElement actual) => Add(path, "INVALID_TYPE", $"{NameOf(path)} must be {expected}; it is {Describe(actual)}.");

    internal void Invalid(string path, string message) => Add(path, "INVALID_VALUE", message);

    /// <summary>Says which properties of an object nobody asks for.</summary>
    internal void RefuseUnknown(JsonElement element, string path, IReadOnlyCollection<string> known)
    {
        foreach (var property in element.EnumerateObject())
        {
            if (!known.Contains(property.Name)) Add($"{path}.{property.Name}", "UNKNOWN_PROPERTY", $"{property.Name} is not known here. {Names.Hint(property.Name, known)}");
        }
    }

    /// <summary>Says which names stand twice in an object, and which texts are not Unicode, however deep.</summary>
    /// <returns>False where a text cannot be read, so that nothing further can be said.</returns>
    internal bool CheckText(JsonElement element, string path)
    {
        try
        {
            CheckDuplicates(element, path);
            return true;
        }
        catch (InvalidOperationException)
        {
            Add(path, "INVALID_VALUE", "The configuration has a text with half a surrogate pair in it.");
            return false;
        }
    }

    internal static string NameOf(string path) => path[(path.LastIndexOf('.') + 1)..];

    private static string Describe(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.True or JsonValueKind.False => "a boolean",
        JsonValueKind.Array => "an array",
        JsonValueKind.Object => "an object",
        JsonValueKind.Null => "null",
        JsonValueKind.Number => "a number",
        _ => "a string",
    };

    private void CheckDuplicates(JsonElement element, string path)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                var names = new HashSet<string>(StringComparer.Ordinal);
                foreach (var property in element.EnumerateObject())
                {
                    var place = $"{path}.{property.Name}";
                    if (!names.Add(property.Name)) Add(place, "DUPLICATE_PROPERTY", $"{property.Name} stands here more than once.");
                    CheckDuplicates(property.Value, place);
                }

                break;
            case JsonValueKind.Array:
                var index = 0;
                foreach (var item in element.EnumerateArray()) CheckDuplicates(item, $"{path}[{index++}]");
                break;
            case JsonValueKind.String:
                _ = element.GetString();
                break;
        }
    }
}

/// <summary>What a mistyped name was meant to be.</summary>
public static class Names
{
    internal static string Hint(string name, IReadOnlyCollection<string> known)
    {
        var list = known.Count == 0 ? "Nothing is known here." : $"Known: {string.Join(", ", known)}.";
        return Nearest(name, known) is { } nearest ? $"Did you mean {nearest}? {list}" : list;
    }

    /// <param name="atMost">How many letters it may be off.</param>
    /// <returns>The known name with the fewest differences, if that is fewer than half of its letters.</returns>
    public static string? Nearest(string name, IReadOnlyCollection<string> known, int atMost = int.MaxValue) => known
        .Select(candidate => (candidate, distance: Distance(Bounded(name).ToUpperInvariant(), candidate.ToUpperInvariant())))
        .Where(pair => pair.distance <= atMost && pair.distance * 2 <= Math.Max(2, pair.candidate.Length))
        .OrderBy(pair => pair.distance)
        .Select(pair => pair.candidate)
        .FirstOrDefault();

    private static string Bounded(string name) => name.Length <= 100 ? name : name[..100];

    /// <summary>How many letters have to be put in, taken out or changed.</summary>
    private static int Distance(string a, string b)
    {
        var previous = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var current = new int[b.Length + 1];
            current[0] = i;
            for (var j = 1; j <= b.Length; j++)
                current[j] = Math.Min(Math.Min(current[j - 1], previous[j]) + 1, previous[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1));
            previous = current;
        }

        return previous[^1];
    }
}
