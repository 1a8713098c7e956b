using System.Globalization;
using System.Text;

namespace DataPipeline.Application.Processing.JsonSchema;

/// <summary>
/// Translates a regular expression of ECMA-262, in its Unicode mode, into one of .NET that runs in time linear to the text. What letters
/// may stand unescaped is taken as generously as browsers do without Unicode mode. <c>\b</c> and <c>\B</c> go by Unicode letters.
/// </summary>
internal sealed class EcmaPatternParser
{
    private const int MaxNesting = 100;
    private const int MaxTranslatedLength = 1_000_000;
    private const int End = -1;

    private static readonly CodePointSet Digits = CodePointSet.Of(('0', '9'));
    private static readonly CodePointSet WordCharacters = CodePointSet.Of(('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z'));
    private static readonly CodePointSet WhiteSpace = CodePointSet.Of((9, 13), (32, 32), (0xA0, 0xA0), (0x1680, 0x1680), (0x2000, 0x200A), (0x2028, 0x2029), (0x202F, 0x202F), (0x205F, 0x205F), (0x3000, 0x3000), (0xFEFF, 0xFEFF));
    private static readonly CodePointSet LineTerminators = CodePointSet.Of((10, 10), (13, 13), (0x2028, 0x2029));

    private readonly string _source;
    private readonly StringBuilder _target = new();
    private readonly List<(int Place, CodePointSet Set)> _sets = [];
    private int _at;
    private int _nesting;

    private EcmaPatternParser(string source) => _source = source;

    private int Current => _at < _source.Length ? _source[_at] : End;

    /// <param name="source">The regular expression of ECMA-262.</param>
    /// <param name="classes">What stands for the characters beyond the basic plane in the texts that the result is matched against.</param>
    /// <returns>The regular expression of .NET.</returns>
    /// <exception cref="FormatException">It is none, or cannot be run in linear time; the message ends a sentence.</exception>
    internal static string Translate(string source, out AstralClasses classes)
    {
        var parser = new EcmaPatternParser(source);
        parser.ReadAlternatives();
        if (parser.Current != End) throw parser.Fault("a parenthesis is closed that was not opened");
        classes = AstralClasses.Of(parser._sets.Select(entry => entry.Set));
        return parser.Assemble(classes);
    }

    private string Assemble(AstralClasses classes)
    {
        var pattern = new StringBuilder();
        var from = 0;
        foreach (var (place, set) in _sets)
        {
            pattern.Append(_target, from, place - from);
            from = place;
            set.AppendTo(pattern, classes);
            if (pattern.Length > MaxTranslatedLength) throw Fault("its character classes are too large");
        }

        return pattern.Append(_target, from, _target.Length - from).ToString();
    }

    private void Add(CodePointSet set) => _sets.Add((_target.Length, set));

    private void ReadAlternatives()
    {
        if (++_nesting > MaxNesting) throw Fault("its groups are nested too deeply");
        while (true)
        {
            while (Current is not (End or '|' or ')')) ReadTerm();
            if (Current != '|') break;
            _target.Append('|');
            _at++;
        }

        _nesting--;
    }

    private void ReadTerm()
    {
        var c = _source[_at];
        switch (c)
        {
            case '^':
                Take("^");
                return;
            case '$':
                Take(@"\z");
                return;
            case '\\' when Peek(1) is 'b' or 'B':
                _target.Append(_source, _at, 2);
                _at += 2;
                return;
            case '(':
                ReadGroup();
                break;
            case '[':
                Add(ReadClass());
                break;
            case '.':
                _at++;
                Add(LineTerminators.Inverted());
                break;
            case '*' or '+' or '?':
                throw Fault($"there is nothing that '{c}' could repeat");
            case '{' when TryReadCount(out _, out _, out _):
                throw Fault("there is nothing that '{' could repeat");
            default:
                Add(ReadAtom());
                break;
        }

        ReadQuantifier();
    }

    private void Take(string translated)
    {
        _target.Append(translated);
        _at++;
    }

    private int Peek(int distance) => _at + distance < _source.Length ? _source[_at + distance] : End;

    private void ReadGroup()
    {
        _at++;
        if (Current == '?')
        {
            switch (Peek(1))
            {
                case ':':
                    _at += 2;
                    break;
                case '=' or '!':
                    throw Backtracking("a lookahead");
                case '<' when Peek(2) is '=' or '!':
                    throw Backtracking("a lookbehind");
                case '<':
                    var end = _source.IndexOf('>', _at);
                    if (end < _at + 3) throw Fault("the name of a group is not closed or empty");
                    _at = end + 1;
                    break;
                default:
                    throw Fault("(? begins no group that ECMA-262 knows");
            }
        }

        // Nothing can refer to a group, so that none has to be captured.
        _target.Append("(?:");
        ReadAlternatives();
        if (Current != ')') throw Fault("a parenthesis is not closed");
        Take(")");
    }

    private void ReadQuantifier()
    {
        switch (Current)
        {
            case '*' or '+' or '?':
                _target.Append(_source[_at++]);
                break;
            case '{' when TryReadCount(out var least, out var most, out var end):
                if (most < least) throw Fault("the numbers of a repetition are out of order");
                _target.Append(CultureInfo.InvariantCulture, $"{{{least},");
                if (most < int.MaxValue) _target.Append(most);
                _target.Append('}');
                _at = end;
                break;
            default:
                return;
        }

        // Whether it takes as few or as many as it can does not change if there is a match.
        if (Current == '?') _at++;
    }

    /// <summary>Reads {n}, {n,} or {n,m}; a brace that begins none of them stands for itself.</summary>
    private bool TryReadCount(out int least, out int most, out int end)
    {
        end = _source.IndexOf('}', _at) + 1;
        (least, most) = (0, 0);
        if (end == 0) return false;
        var text = _source.AsSpan(_at + 1, end - _at - 2);
        var comma = text.IndexOf(',');
        if (!TryReadNumber(comma < 0 ? text : text[..comma], out least)) return false;
        most = comma < 0 ? least : int.MaxValue;
        return comma < 0 || comma == text.Length - 1 || TryReadNumber(text[(comma + 1)..], out most);
    }

    private static bool TryReadNumber(ReadOnlySpan<char> digits, out int number)
    {
        if (!int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out number)) number = int.MaxValue;
        return !digits.IsEmpty && !digits.ContainsAnyExceptInRange('0', '9');
    }

    /// <summary>One character or escape outside of a class.</summary>
    private CodePointSet ReadAtom()
    {
        if (Current != '\\') return Single(ReadCodePoint());
        if (Peek(1) is >= '1' and <= '9' or 'k') throw Backtracking("a back reference");
        return ReadEscape(out _);
    }

    private CodePointSet ReadClass()
    {
        _at++;
        var negated = Current == '^';
        if (negated) _at++;
        var set = new CodePointSet();
        while (Current != ']')
        {
            var from = ReadClassMember(set);
            if (from == End || Current != '-' || Peek(1) is ']' or End) continue;
            _at++;
            var to = ReadClassMember(set);

            // With a class such as \d at one of its ends the hyphen stands for itself.
            if (to == End) set.Add('-', '-');
            else if (to < from) throw Fault("a range of a character class is out of order");
            else set.Add(from, to);
        }

        _at++;
        return negated ? set.Inverted() : set;
    }

    /// <summary>Adds what stands here to the set.</summary>
    /// <returns>The code point, or <see cref="End"/> where it is a class of its own.</returns>
    private int ReadClassMember(CodePointSet set)
    {
        var single = Current;
        switch (single)
        {
            case End:
                throw Fault("a character class is not closed");
            case '\\' when Peek(1) == 'b':
                _at += 2;
                single = '\b';
                break;
            case '\\':
                set.Add(ReadEscape(out single));
                return single;
            default:
                single = ReadCodePoint();
                break;
        }

        set.Add(single, single);
        return single;
    }

    private int ReadCodePoint()
    {
        var c = _source[_at++];
        if (!char.IsSurrogate(c)) return c;
        if (char.IsHighSurrogate(c) && Current is >= 0xDC00 and < 0xE000) return char.ConvertToUtf32(c, _source[_at++]);
        throw Fault("it has half a surrogate pair in it");
    }

    /// <summary>An escape that means the same inside and outside of a class.</summary>
    /// <param name="single">The code point it stands for, or <see cref="End"/> where it is a class.</param>
    private CodePointSet ReadEscape(out int single)
    {
        _at++;
        if (Current == End) throw Fault(@"it ends with a \");
        single = End;
        var c = _source[_at++];
        switch (c)
        {
            case 'd':
                return Digits;
            case 'D':
                return Digits.Inverted();
            case 'w':
                return WordCharacters;
            case 'W':
                return WordCharacters.Inverted();
            case 's':
                return WhiteSpace;
            case 'S':
                return WhiteSpace.Inverted();
            case 'p':
                return ReadProperty();
            case 'P':
                return ReadProperty().Inverted();
        }

        single = c switch
        {
            'f' => '\f',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'v' => '\v',
            '0' when Current is not (>= '0' and <= '9') => 0,
            'c' when Current is >= 'A' and <= 'Z' or >= 'a' and <= 'z' => _source[_at++] % 32,
            'x' => ReadHex(2),
            'u' => ReadUnicodeEscape(),
            _ when char.IsAsciiLetterOrDigit(c) => throw Fault($@"\{c} is no escape that ECMA-262 knows"),
            _ => BackUp(),
        };
        return Single(single);
    }

    /// <summary>A character that is escaped needlessly may be one of two halves.</summary>
    private int BackUp()
    {
        _at--;
        return ReadCodePoint();
    }

    private int ReadUnicodeEscape()
    {
        if (Current == '{')
        {
            var end = _source.IndexOf('}', _at);
            if (end < 0 || !int.TryParse(_source.AsSpan(_at + 1, end - _at - 1), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var codePoint) || !Rune.IsValid(codePoint))
                throw Fault(@"\u{ is not followed by the number of a character");
            _at = end + 1;
            return codePoint;
        }

        var unit = ReadHex(4);
        if (!char.IsSurrogate((char)unit)) return unit;
        if (char.IsHighSurrogate((char)unit) && Current == '\\' && Peek(1) == 'u')
        {
            _at += 2;
            if (ReadHex(4) is >= 0xDC00 and < 0xE000 and var low) return char.ConvertToUtf32((char)unit, (char)low);
        }

        throw Fault("it has half a surrogate pair in it");
    }

    private int ReadHex(int length)
    {
        if (_at + length > _source.Length || !int.TryParse(_source.AsSpan(_at, length), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value))
            throw Fault($"an escape lacks its {length} hexadecimal digits");
        _at += length;
        return value;
    }

    private CodePointSet ReadProperty()
    {
        var end = _source.IndexOf('}', _at);
        if (Current != '{' || end < 0) throw Fault(@"\p is not followed by a property in braces");
        var name = _source[(_at + 1)..end];
        _at = end + 1;
        return name switch
        {
            "Any" => new CodePointSet().Inverted(),
            "ASCII" => CodePointSet.Of((0, 0x7F)),
            "Assigned" => CodePointSet.Of([UnicodeCategory.OtherNotAssigned]).Inverted(),
            _ when UnicodeProperties.Find(name) is { } categories => CodePointSet.Of(categories),
            _ => throw Fault($"the Unicode property \"{name}\" is not known; general categories are"),
        };
    }

    private static CodePointSet Single(int codePoint) => CodePointSet.Of((codePoint, codePoint));

    private FormatException Fault(string reason) => new($"{reason} (at character {_at + 1}).");

    private FormatException Backtracking(string what) => Fault($"it needs backtracking, whose time has no bound, for {what}");
}
