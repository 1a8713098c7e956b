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

    private const string HexDigits = "0-9A-Fa-f";

    /// <summary>The caret negates.</summary>
    private static readonly SearchValues<char> LettersOfExpressions = SearchValues.Create("^abcdefghijklmnopqrstuvwxyz");

    private static readonly SearchValues<char> OptionLetters = SearchValues.Create("imnsx-");

    /// <summary>What stands in a capture's name besides letters and digits; the brackets and the quote for keys that hold dots.</summary>
    private static readonly SearchValues<char> SignsInNames = SearchValues.Create("_@-.[']");

    /// <summary>The bracket expressions of POSIX, such as <c>[:alpha:]</c>, which other engines have and .NET has not; as Oniguruma defines them for Unicode.</summary>
    private static readonly Dictionary<string, string> BracketExpressions = new(StringComparer.Ordinal)
    {
        ["alnum"] = @"\p{L}\p{M}\p{Nd}",
        ["alpha"] = @"\p{L}\p{M}",
        ["ascii"] = @"\x00-\x7F",
        ["blank"] = @"\t\p{Zs}",
        ["cntrl"] = @"\p{Cc}",
        ["digit"] = @"\p{Nd}",
        ["graph"] = @"\p{L}\p{M}\p{N}\p{P}\p{S}",
        ["lower"] = @"\p{Ll}",
        ["print"] = @"\p{L}\p{M}\p{N}\p{P}\p{S}\p{Zs}",
        ["punct"] = @"\p{P}\p{S}",
        ["space"] = @"\s",
        ["upper"] = @"\p{Lu}",
        ["word"] = @"\w",
        ["xdigit"] = HexDigits,
    };

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
            var isInSet = false;
            for (var at = 0; at < pattern.Length;)
            {
                var error = isInSet ? AppendInSet(pattern, ref at, ref isInSet) : AppendOutsideOfSets(pattern, ref at, ref isInSet);
                if (error is not null) return error;
            }

            return null;
        }

        private string? AppendOutsideOfSets(string pattern, ref int at, ref bool isInSet)
        {
            switch (pattern.AsSpan(at))
            {
                case ['\\', 'h', ..]: return AppendInstead(ref at, 2, $"[{HexDigits}]");
                case ['\\', _, ..]: return AppendAsIs(pattern, ref at, 2);
                case ['%', '{', ..]: return AppendReference(pattern, ref at);
                case ['(', '?', '<', not ('=' or '!'), ..]: return AppendGroup(pattern, ref at, '>');
                case ['(', '?', '\'', ..]: return AppendGroup(pattern, ref at, '\'');
                case ['(', '?', ..] and var group:
                    // What other engines call multi-line is that a dot matches line feeds too.
                    var options = group[2..];
                    var letters = options.IndexOfAnyExcept(OptionLetters);
                    if (letters >= 0) options = options[..letters];
                    return AppendInstead(ref at, 2 + options.Length, $"(?{options.ToString().Replace('m', 's')}");
                case ['[', ..] and var set:
                    isInSet = true;
                    // A bracket that closes at once is no set without members but a member.
                    return AppendAsIs(pattern, ref at, set switch { ['[', '^', ']', ..] => 3, ['[', ']' or '^', ..] => 2, _ => 1 });
                default: return AppendAsIs(pattern, ref at, 1);
            }
        }

        private string? AppendInSet(string pattern, ref int at, ref bool isInSet)
        {
            switch (pattern.AsSpan(at))
            {
                case ['\\', 'h', ..]: return AppendInstead(ref at, 2, HexDigits);
                case ['\\', _, ..]: return AppendAsIs(pattern, ref at, 2);
                case ['%', '{', ..] and var reference: return $"\"{reference}\" stands inside of square brackets, where there are no patterns; a bracket of the text is written \\[.";
                case ['[', ':', ..] and var expression when expression[2..].IndexOf(":]", StringComparison.Ordinal) is var length and > 0 && !expression.Slice(2, length).ContainsAnyExcept(LettersOfExpressions):
                    var name = expression.Slice(2, length).ToString();
                    return BracketExpressions.TryGetValue(name, out var members) ? AppendInstead(ref at, length + 4, members) : $"There is no [:{name}:]. Known: {string.Join(", ", BracketExpressions.Keys)}.";
                case [']', ..]:
                    isInSet = false;
                    return AppendAsIs(pattern, ref at, 1);
                default: return AppendAsIs(pattern, ref at, 1);
            }
        }

        private static string NameOf(int group) => string.Create(CultureInfo.InvariantCulture, $"g{group}");

        private string? AppendAsIs(string pattern, ref int at, int length) => AppendInstead(ref at, length, pattern.AsSpan(at, length));

        private string? AppendInstead(ref int at, int length, ReadOnlySpan<char> part)
        {
            _text.Append(part);
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
            if (!name.All(sign => char.IsLetterOrDigit(sign) || SignsInNames.Contains(sign))) return $"\"{name}\" is no name for a capture: it is a path to a field, of letters, digits and _ @ - . only.";
            _text.Append("(?<").Append(NameOf(_groups.Count)).Append('>');
            _groups.Add((field, type));
            return null;
        }
    }
}
