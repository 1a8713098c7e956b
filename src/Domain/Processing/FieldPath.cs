using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace DataPipeline.Domain.Processing;

/// <summary>One step of a <see cref="FieldPath"/>: a property's name, or an element's index where it meets an array.</summary>
internal readonly struct PathSegment
{
    internal PathSegment(string text)
    {
        Text = text;
        Token = RecordValue.Token(text);
        IsEscaped = Token.AsSpan().Contains((byte)'\\');
        Index = text.Length is > 0 and < 10 && !text.AsSpan().ContainsAnyExceptInRange('0', '9') ? int.Parse(text, CultureInfo.InvariantCulture) : -1;
    }

    internal string Text { get; }

    /// <summary>The name as JSON writes it, quotes included.</summary>
    internal byte[] Token { get; }

    internal bool IsEscaped { get; }

    /// <summary>The index it is to an array; -1 where it is none.</summary>
    internal int Index { get; }
}

/// <summary>
/// Where in a record a field lies: <c>customer.email</c>, <c>items.0.sku</c>, <c>['a.b'].c</c> for a name with a dot in it
/// (within the quotes, <c>\'</c> is a quote and <c>\\</c> a backslash). Immutable and thread-safe.
/// </summary>
public sealed class FieldPath : IEquatable<FieldPath>
{
    /// <summary>The most segments a path may have.</summary>
    public const int MaxSegments = 64;

    internal readonly PathSegment[] Steps;

    private FieldPath(string text, PathSegment[] steps)
    {
        (Text, Steps) = (text, steps);
        MaxLength = steps.Sum(step => step.Token.Length + "{:},".Length);
    }

    /// <summary>How many bytes it adds to a record at most to make the objects and properties that lead to a value.</summary>
    internal int MaxLength { get; }

    /// <summary>The path as it was written.</summary>
    public string Text { get; }

    /// <summary>The names and indexes it is made of, from the record's root; at least one.</summary>
    public IReadOnlyList<string> Segments => Array.ConvertAll(Steps, step => step.Text);

    /// <summary>The path that leads through <paramref name="segments"/>.</summary>
    /// <param name="segments">1 to <see cref="MaxSegments"/> names, none of them empty.</param>
    /// <exception cref="ArgumentException">There are too few or too many, or one is empty.</exception>
    public static FieldPath Of(params IReadOnlyList<string> segments)
    {
        if (segments.Count is 0 or > MaxSegments || segments.Any(string.IsNullOrEmpty)) throw new ArgumentException($"A path has 1 to {MaxSegments} segments, none of them empty.", nameof(segments));
        var text = new StringBuilder();
        foreach (var segment in segments)
        {
            if (segment.AsSpan().ContainsAny('.', '[', ']')) text.Append("['").Append(segment.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal)).Append("']");
            else text.Append(text.Length == 0 ? "" : ".").Append(segment);
        }

        return new FieldPath(text.ToString(), [.. segments.Select(segment => new PathSegment(segment))]);
    }

    /// <summary>Reads a path; for paths in code that are known to be right.</summary>
    /// <param name="text">The path as text.</param>
    /// <exception cref="FormatException">The text is no path.</exception>
    public static FieldPath Parse(string text) => TryParse(text, out var path, out var error) ? path : throw new FormatException(error);

    /// <summary>Reads a path.</summary>
    /// <param name="text">The path as text.</param>
    /// <param name="path">The path, where the text is one.</param>
    /// <param name="error">One sentence that says what is wrong, where it is none.</param>
    /// <returns>Whether the text is a path.</returns>
    public static bool TryParse(string text, [NotNullWhen(true)] out FieldPath? path, [NotNullWhen(false)] out string? error)
    {
        path = null;
        error = Split(text, out var segments);
        if (error is not null) return false;
        path = new FieldPath(text, [.. segments.Select(segment => new PathSegment(segment))]);
        return true;
    }

    /// <summary>The path as a JSON pointer (RFC 6901): <c>items.0.sku</c> gives <c>/items/0/sku</c>. Since version 1.1 of the contract.</summary>
    public string ToJsonPointer() => Steps.Aggregate("", (pointer, step) => JsonPointer.Append(pointer, step.Text));

    /// <summary>Whether both lead to the same place, however they are written.</summary>
    /// <param name="other">Another path, or <c>null</c>.</param>
    public bool Equals(FieldPath? other) => other is not null && Steps.AsSpan().SequenceEqual(other.Steps, SameText.Instance);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as FieldPath);

    /// <inheritdoc/>
    public override int GetHashCode() => Steps.Aggregate(17, (hash, step) => HashCode.Combine(hash, step.Text));

    /// <summary>The path as it was written.</summary>
    public override string ToString() => Text;

    private static string? Split(string text, out List<string> segments)
    {
        segments = [];
        var at = 0;
        while (true)
        {
            var quoted = at < text.Length && text[at] == '[';
            var error = quoted ? TakeQuoted(text, ref at, out var segment) : TakePlain(text, ref at, out segment);
            if (error is not null) return error;
            segments.Add(segment);
            if (segments.Count > MaxSegments) return $"A path has at most {MaxSegments} segments.";
            if (at == text.Length) return null;
            if (text[at] == '.') at++;
            else if (text[at] != '[') return $"A dot or a bracket is missing at position {at + 1} of \"{text}\".";
        }
    }

    private static string? TakePlain(string text, ref int at, out string segment)
    {
        var length = text.AsSpan(at).IndexOfAny('.', '[', ']');
        segment = length < 0 ? text[at..] : text.Substring(at, length);
        at += segment.Length;
        if (segment.Length == 0) return text.Length == 0 ? "A path must not be empty." : $"A name is missing at position {at + 1} of \"{text}\".";
        return at < text.Length && text[at] == ']' ? $"There is a bracket too many at position {at + 1} of \"{text}\"; a name with brackets is written ['…']." : null;
    }

    private static string? TakeQuoted(string text, ref int at, out string segment)
    {
        segment = "";
        if (at + 1 >= text.Length || text[at + 1] != '\'') return $"Within brackets a name stands in single quotes, as in ['a.b'], at position {at + 2} of \"{text}\"; an element is written items.0.";
        var name = new StringBuilder();
        for (at += 2; at < text.Length && text[at] != '\''; at++)
        {
            if (text[at] == '\\' && at + 1 < text.Length && text[at + 1] is '\'' or '\\') at++;
            name.Append(text[at]);
        }

        if (at + 1 >= text.Length || text[at + 1] != ']') return $"The name in brackets does not end with ']' in \"{text}\".";
        at += 2;
        segment = name.ToString();
        return segment.Length == 0 ? $"A name must not be empty, in \"{text}\"." : null;
    }

    private sealed class SameText : IEqualityComparer<PathSegment>
    {
        internal static readonly SameText Instance = new();

        public bool Equals(PathSegment x, PathSegment y) => x.Text == y.Text;

        public int GetHashCode(PathSegment obj) => obj.Text.GetHashCode(StringComparison.Ordinal);
    }
}
