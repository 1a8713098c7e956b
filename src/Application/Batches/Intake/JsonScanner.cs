using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace DataPipeline.Application.Batches.Intake;

internal enum ScanOutcome
{
    /// <summary>The text begins with a whole JSON value, <see cref="JsonScanner.Position"/> bytes long.</summary>
    Complete,

    /// <summary>The text ends within the value.</summary>
    Incomplete,

    /// <summary>The text is no JSON from <see cref="JsonScanner.Position"/> on, for the reason in <see cref="JsonScanner.Fault"/>.</summary>
    Malformed,
}

/// <summary>
/// Finds the end of a JSON value (RFC 8259) and checks its grammar in one pass, with the depth and the first repeated property name on the way.
/// Faults are values, because a hostile body has one in every line. UTF-8 inside strings is left to the caller, who can check it in bulk. Reused from value to value; not thread-safe.
/// </summary>
internal sealed class JsonScanner
{
    // Up to so many names of an object are compared by their keys in one vectorised search; beyond, a hash set withstands names chosen to collide.
    private const int MaxComparedNames = 64;

    private static readonly SearchValues<byte> StringStops = SearchValues.Create([.. Enumerable.Range(0, 0x20).Select(b => (byte)b), (byte)'"', (byte)'\\']);

    private Level[] _levels = new Level[16];
    private ulong[] _nameKeys = new ulong[64];
    private Name[] _names = new Name[64];
    private int _nameCount;
    private byte[] _unescaped = [];
    private int _unescapedLength;

    private enum Expect
    {
        Value,
        ValueOrEnd,
        Name,
        NameOrEnd,
        CommaOrEnd,
    }

    /// <summary>Length of the value, or offset of the fault.</summary>
    internal int Position { get; private set; }

    internal string? Fault { get; private set; }

    /// <summary>How many arrays and objects the innermost value lies in; 0 for a scalar.</summary>
    internal int Depth { get; private set; }

    /// <summary>The first property name, as written, that stands twice in one object, at any depth.</summary>
    internal string? RepeatedName { get; private set; }

    /// <param name="text">Begins with the value; leading white space is allowed.</param>
    /// <param name="isFinal">Whether nothing follows <paramref name="text"/>: a number at its end is whole then.</param>
    internal ScanOutcome Scan(ReadOnlySpan<byte> text, bool isFinal)
    {
        (Fault, RepeatedName, Depth, _nameCount, _unescapedLength) = (null, null, 0, 0, 0);
        var depth = 0;
        var expect = Expect.Value;
        for (var i = 0; ;)
        {
            while (i < text.Length && IsWhiteSpace(text[i])) i++;
            if (i == text.Length) return Incomplete(i);
            var b = text[i];
            switch (expect)
            {
                case Expect.CommaOrEnd when b == (byte)',':
                    i++;
                    expect = _levels[depth - 1].IsObject ? Expect.Name : Expect.Value;
                    continue;
                case Expect.CommaOrEnd or Expect.ValueOrEnd or Expect.NameOrEnd when b == (_levels[depth - 1].IsObject ? (byte)'}' : (byte)']'):
                    i++;
                    if (_levels[--depth].IsObject) CloseObject(text, _levels[depth].FirstName);
                    break;
                case Expect.CommaOrEnd:
                    return Malformed(i, $"{Show(b)} stands where a comma or the end of the {(_levels[depth - 1].IsObject ? "object" : "array")} is expected");
                case Expect.Name or Expect.NameOrEnd:
                    if (b != (byte)'"') return Malformed(i, $"{Show(b)} stands where a property name is expected");
                    var nameStart = i + 1;
                    if (ScanString(text, ref i, out var isEscaped) is not ScanOutcome.Complete and var broken) return broken;
                    AddName(text, nameStart, i - 1 - nameStart, isEscaped, _levels[depth - 1].FirstName);
                    while (i < text.Length && IsWhiteSpace(text[i])) i++;
                    if (i == text.Length) return Incomplete(i);
                    if (text[i] != (byte)':') return Malformed(i, $"{Show(text[i])} stands where a colon is expected");
                    i++;
                    expect = Expect.Value;
                    continue;
                default:
                    if (b is (byte)'{' or (byte)'[')
                    {
                        if (depth == _levels.Length) Array.Resize(ref _levels, depth * 2);
                        _levels[depth++] = new Level(b == (byte)'{', _nameCount);
                        Depth = Math.Max(Depth, depth);
                        expect = b == (byte)'{' ? Expect.NameOrEnd : Expect.ValueOrEnd;
                        i++;
                        continue;
                    }
                    var outcome = b switch
                    {
                        (byte)'"' => ScanString(text, ref i, out _),
                        (byte)'t' => ScanLiteral(text, ref i, "true"u8),
                        (byte)'f' => ScanLiteral(text, ref i, "false"u8),
                        (byte)'n' => ScanLiteral(text, ref i, "null"u8),
                        (byte)'-' or (>= (byte)'0' and <= (byte)'9') => ScanNumber(text, ref i, isFinal),
                        _ => Malformed(i, $"{Show(b)} stands where a value is expected"),
                    };
                    if (outcome != ScanOutcome.Complete) return outcome;
                    break;
            }

            if (depth == 0)
            {
                Position = i;
                return ScanOutcome.Complete;
            }
            expect = Expect.CommaOrEnd;
        }
    }

    /// <param name="i">At the opening quote; moves behind the closing one.</param>
    internal ScanOutcome ScanString(ReadOnlySpan<byte> text, ref int i, out bool isEscaped)
    {
        isEscaped = false;
        for (var at = i + 1; ;)
        {
            var stop = text[at..].IndexOfAny(StringStops);
            if (stop < 0) return Incomplete(text.Length);
            at += stop;
            if (text[at] == (byte)'"')
            {
                i = at + 1;
                return ScanOutcome.Complete;
            }
            if (text[at] != (byte)'\\') return Malformed(at, $"{Show(text[at])} must be escaped in a string");
            isEscaped = true;
            if (at + 1 == text.Length) return Incomplete(text.Length);
            if (text[at + 1] != (byte)'u')
            {
                if (!"\"\\/bfnrt"u8.Contains(text[at + 1])) return Malformed(at + 1, $"{Show(text[at + 1])} stands where an escape is expected");
                at += 2;
                continue;
            }
            for (var digit = at + 2; digit < at + 6; digit++)
            {
                if (digit == text.Length) return Incomplete(digit);
                if (!char.IsAsciiHexDigit((char)text[digit])) return Malformed(digit, $"{Show(text[digit])} stands where a hexadecimal digit is expected");
            }
            at += 6;
        }
    }

    internal static bool IsWhiteSpace(byte b) => b is (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t';

    internal static string Show(byte b) => b is > 0x20 and < 0x7f ? $"'{(char)b}'" : $"byte 0x{b:X2}";

    private ScanOutcome ScanLiteral(ReadOnlySpan<byte> text, ref int i, ReadOnlySpan<byte> literal)
    {
        var rest = text[i..];
        var same = rest.CommonPrefixLength(literal);
        if (same < literal.Length) return same == rest.Length ? Incomplete(text.Length) : Malformed(i + same, $"{Show(rest[same])} stands within the literal {Encoding.ASCII.GetString(literal)}");
        i += literal.Length;
        return ScanOutcome.Complete;
    }

    private ScanOutcome ScanNumber(ReadOnlySpan<byte> text, ref int i, bool isFinal)
    {
        var at = i;
        if (text[at] == (byte)'-') at++;
        if (at < text.Length && text[at] == (byte)'0') at++;
        else if (!SkipDigits(text, ref at)) return NoDigit(text, at);
        if (at < text.Length && text[at] == (byte)'.')
        {
            at++;
            if (!SkipDigits(text, ref at)) return NoDigit(text, at);
        }
        if (at < text.Length && (text[at] | 0x20) == 'e')
        {
            at++;
            if (at < text.Length && text[at] is (byte)'+' or (byte)'-') at++;
            if (!SkipDigits(text, ref at)) return NoDigit(text, at);
        }
        if (at == text.Length && !isFinal) return Incomplete(at);
        i = at;
        return ScanOutcome.Complete;
    }

    private static bool SkipDigits(ReadOnlySpan<byte> text, ref int at)
    {
        var start = at;
        while (at < text.Length && char.IsAsciiDigit((char)text[at])) at++;
        return at > start;
    }

    private ScanOutcome NoDigit(ReadOnlySpan<byte> text, int at) =>
        at == text.Length ? Incomplete(at) : Malformed(at, $"{Show(text[at])} stands where a digit is expected");

    private ScanOutcome Incomplete(int position)
    {
        (Position, Fault) = (position, "the text ends within a value");
        return ScanOutcome.Incomplete;
    }

    private ScanOutcome Malformed(int position, string fault)
    {
        (Position, Fault) = (position, fault);
        return ScanOutcome.Malformed;
    }

    private void AddName(ReadOnlySpan<byte> text, int start, int length, bool isEscaped, int firstOfObject)
    {
        if (RepeatedName is not null) return;
        var name = isEscaped ? Unescape(text.Slice(start, length)) : new Name(start, length, IsUnescaped: false);
        var bytes = BytesOf(text, name);
        var key = KeyOf(bytes);
        if (_nameCount - firstOfObject < MaxComparedNames)
        {
            for (var from = firstOfObject; from < _nameCount;)
            {
                var hit = _nameKeys.AsSpan(from, _nameCount - from).IndexOf(key);
                if (hit < 0) break;
                if (BytesOf(text, _names[from + hit]).SequenceEqual(bytes))
                {
                    RepeatedName = Encoding.UTF8.GetString(text.Slice(start, length));
                    return;
                }
                from += hit + 1;
            }
        }
        if (_nameCount == _names.Length)
        {
            Array.Resize(ref _names, _nameCount * 2);
            Array.Resize(ref _nameKeys, _nameCount * 2);
        }
        _nameKeys[_nameCount] = key;
        _names[_nameCount++] = name;
    }

    private void CloseObject(ReadOnlySpan<byte> text, int firstOfObject)
    {
        if (RepeatedName is null && _nameCount - firstOfObject > MaxComparedNames)
        {
            var seen = new HashSet<string>(_nameCount - firstOfObject, StringComparer.Ordinal);
            foreach (var name in _names.AsSpan(firstOfObject, _nameCount - firstOfObject))
            {
                // Latin-1 makes of every byte a character, so that equal strings are equal bytes.
                if (seen.Add(Encoding.Latin1.GetString(BytesOf(text, name)))) continue;
                RepeatedName = Encoding.UTF8.GetString(BytesOf(text, name));
                break;
            }
        }
        _nameCount = firstOfObject;
    }

    private ReadOnlySpan<byte> BytesOf(ReadOnlySpan<byte> text, Name name) => name.IsUnescaped ? _unescaped.AsSpan(name.Start, name.Length) : text.Slice(name.Start, name.Length);

    private static ulong KeyOf(ReadOnlySpan<byte> name)
    {
        ulong first = 0, last = 0;
        if (name.Length >= sizeof(ulong))
        {
            first = BinaryPrimitives.ReadUInt64LittleEndian(name);
            last = BinaryPrimitives.ReadUInt64LittleEndian(name[^sizeof(ulong)..]);
        }
        else
        {
            foreach (var b in name) first = (first << 8) | b;
        }
        return (first * 0x9E37_79B9_7F4A_7C15) ^ BitOperations.RotateLeft(last, 29) ^ (ulong)name.Length;
    }

    private Name Unescape(ReadOnlySpan<byte> escaped)
    {
        if (_unescaped.Length - _unescapedLength < escaped.Length) Array.Resize(ref _unescaped, Math.Max(_unescaped.Length * 2, _unescapedLength + escaped.Length));
        var length = JsonText.Unescape(escaped, _unescaped.AsSpan(_unescapedLength));
        var name = new Name(_unescapedLength, length, IsUnescaped: true);
        _unescapedLength += length;
        return name;
    }

    private readonly record struct Level(bool IsObject, int FirstName);

    private readonly record struct Name(int Start, int Length, bool IsUnescaped);
}
