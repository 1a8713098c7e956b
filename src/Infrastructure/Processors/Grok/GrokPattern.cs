using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using DataPipeline.Application.Processing;
using DataPipeline.Domain.Processing;

namespace DataPipeline.Infrastructure.Processors.Grok;

/// <summary>What a capture becomes.</summary>
/// <param name="Field">Where it is written.</param>
/// <param name="Groups">The groups of the regular expression that may hold it, and what each is converted to; <c>null</c> for text.</param>
internal sealed record GrokCapture(FieldPath Field, IReadOnlyList<(int Number, ConvertType? Type)> Groups);

/// <summary>A pattern made ready to match. Immutable and thread-safe.</summary>
internal sealed class GrokPattern
{
    /// <summary>Patterns that name each other several times over grow with every level.</summary>
    private const int MaxLength = 100_000;

    private static readonly SearchValues<char> NotInNames = SearchValues.Create(" \t\r\n{}<>\"\\");

    private static readonly Dictionary<string, ConvertType?> Types = new(StringComparer.Ordinal)
    {
        ["int"] = ConvertType.Integer,
        ["long"] = ConvertType.Long,
        ["float"] = ConvertType.Float,
        ["double"] = ConvertType.Double,
        ["boolean"] = ConvertType.Boolean,
        ["string"] = null,
    };

    private GrokPattern(Regex regex, IReadOnlyList<GrokCapture> captures) => (Regex, Captures) = (regex, captures);

    internal Regex Regex { get; }

    internal IReadOnlyList<GrokCapture> Captures { get; }

    /// <param name="text">The pattern as it was written.</param>
    /// <param name="definitions">The owner's patterns, which go before the library's.</param>
    /// <param name="error">One sentence that says what is wrong with it.</param>
    internal static bool TryParse(string text, IReadOnlyDictionary<string, string> definitions, [NotNullWhen(true)] out GrokPattern? pattern, [NotNullWhen(false)] out string? error)
    {
        pattern = null;
        var expansion = new Expansion(definitions);
        error = expansion.Append(text);
        if (error is not null) return false;
        if (!LinearRegex.TryCreate(expansion.Text, RegexOptions.ExplicitCapture | RegexOptions.Multiline, out var regex, out error)) return false;
        pattern = new GrokPattern(regex, expansion.CapturesOf(regex));
        return true;
    }

    /// <summary>A pattern with the patterns that it names put in their places.</summary>
    private sealed class Expansion(IReadOnlyDictionary<string, string> definitions)
    {
        private readonly StringBuilder _text = new();
        private readonly List<(FieldPath Field, ConvertType? Type)> _groups = [];
        private readonly List<string> _open = [];

        internal string Text => _text.ToString();

        internal IReadOnlyList<GrokCapture> CapturesOf(Regex regex) =>
        [
            .. _groups
                .Select((group, index) => (group.Field, Group: (regex.GroupNumberFromName(NameOf(index)), group.Type)))
                .GroupBy(group => group.Field, group => group.Group)
                .Select(same => new GrokCapture(same.Key, [.. same])),
        ];

        /// <returns>What is wrong with the pattern, or <c>null</c>.</returns>
        internal string? Append(string pattern)
        {
            // What other engines call multi-line is that a dot matches line feeds too.
            if (pattern.StartsWith("(?m)", StringComparison.Ordinal)) pattern = $"(?s){pattern.AsSpan(4)}";
            for (var at = 0; at < pattern.Length;)
            {
                var error = pattern.AsSpan(at) switch
                {
                    ['\\', _, ..] => AppendAsIs(pattern, ref at, 2),
                    ['%', '{', ..] => AppendReference(pattern, ref at),
                    ['(', '?', '<', not ('=' or '!'), ..] => AppendGroup(pattern, ref at, '>'),
                    ['(', '?', '\'', ..] => AppendGroup(pattern, ref at, '\''),
                    _ => AppendAsIs(pattern, ref at, 1),
                };
                if (error is not null) return error;
            }

            return null;
        }

        private static string NameOf(int group) => string.Create(CultureInfo.InvariantCulture, $"g{group}");

        private string? AppendAsIs(string pattern, ref int at, int length)
        {
            _text.Append(pattern, at, length);
            at += length;
            return _text.Length > MaxLength ? $"The pattern becomes longer than {MaxLength} characters." : null;
        }

        private string? AppendGroup(string pattern, ref int at, char end)
        {
            var close = pattern.IndexOf(end, at + 3);
            if (close < 0) return $"The name of a group does not end: \"{pattern.AsSpan(at)}\".";
            var error = OpenCapture(pattern[(at + 3)..close], null);
            at = close + 1;
            return error;
        }

        private string? AppendReference(string pattern, ref int at)
        {
            var close = pattern.IndexOf('}', at);
            if (close < 0) return $"%{{ is not closed: \"{pattern.AsSpan(at)}\".";
            var reference = pattern[(at + 2)..close];
            at = close + 1;
            var parts = reference.Split(':');
            if (parts.Length > 3) return $"%{{{reference}}} has too many parts: a pattern, a field and a type.";
            var name = parts[0];
            if (!definitions.TryGetValue(name, out var definition) && !GrokLibrary.Patterns.TryGetValue(name, out definition)) return $"There is no pattern \"{name}\".";
            if (_open.Contains(name)) return $"The pattern {name} holds itself: {string.Join(" → ", [.. _open.SkipWhile(open => open != name), name])}.";
            ConvertType? type = null;
            if (parts.Length == 3 && !Types.TryGetValue(parts[2], out type)) return $"There is no type \"{parts[2]}\". Known: {string.Join(", ", Types.Keys)}.";
            if (parts.Length == 1) _text.Append("(?:");
            else if (OpenCapture(parts[1], type) is { } wrongName) return wrongName;
            _open.Add(name);
            var error = Append(definition);
            _open.RemoveAt(_open.Count - 1);
            _text.Append(')');
            return error;
        }

        private string? OpenCapture(string name, ConvertType? type)
        {
            if (!FieldPath.TryParse(name, out var field, out var error)) return $"\"{name}\" is no name for a capture. {error}";
            if (name.AsSpan().ContainsAny(NotInNames)) return $"\"{name}\" is no name for a capture: it is a path to a field, without spaces, braces, angle brackets, double quotes and backslashes.";
            _text.Append("(?<").Append(NameOf(_groups.Count)).Append('>');
            _groups.Add((field, type));
            return null;
        }
    }
}
