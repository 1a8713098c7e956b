using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using DataPipeline.Domain.Processing;

namespace DataPipeline.Application.Processing.JsonSchema;

/// <summary>One value, or the name of a property, on a <see cref="JsonTape"/>.</summary>
internal struct JsonToken
{
    internal RecordValueKind Kind;

    /// <summary>Only of a boolean.</summary>
    internal bool IsTrue;

    /// <summary>Where the text begins: of a string decoded and without quotes, of anything else as it is written.</summary>
    internal int Start;
    internal int Length;

    /// <summary>Where the value begins as it is written; of a string with its quotes.</summary>
    internal int RawStart;
    internal int RawLength;

    /// <summary>How many elements an array or properties an object has.</summary>
    internal int Count;

    /// <summary>The token behind this value and all it holds.</summary>
    internal int Next;
}

/// <summary>
/// A JSON text as a flat list of tokens that can be walked any number of times without decoding or allocating again: an array is followed
/// by its elements, an object by name and value of each property. Decoded text is UTF-8, in which half a surrogate pair is written as if it
/// were a character, so that it keeps its identity. Taking a value in is for one thread at a time, looking at it for any number.
/// </summary>
internal sealed class JsonTape
{
    /// <summary>The deepest nesting that is read.</summary>
    internal const int MaxDepth = Record.MaxDepth;

    private const int LongestExcerpt = 200;
    private const int LargestKept = 1 << 18;
    private const int FewEnoughToCompareEach = 8;

    private readonly int[] _open = new int[MaxDepth];
    private ArrayBufferWriter<byte> _text = new(1024);

    /// <summary>What <see cref="_text"/> writes into, at hand once all is written.</summary>
    private byte[] _bytes = [];
    private JsonToken[] _tokens = new JsonToken[64];
    private int _count;

    internal ref readonly JsonToken this[int token] => ref _tokens[token];

    /// <summary>Takes a value in place of what the tape held before.</summary>
    /// <exception cref="JsonException">The value is nested more than <see cref="MaxDepth"/> deep, or absent.</exception>
    internal void Read(RecordValue value)
    {
        Clear();
        value.WriteTo(_text);
        Index();
    }

    /// <inheritdoc cref="Read(RecordValue)"/>
    internal void Read(ReadOnlySpan<byte> json)
    {
        Clear();
        _text.Write(json);
        Index();
    }

    /// <summary>Gives back the memory that one unusually large value took.</summary>
    internal void Trim()
    {
        if (_text.Capacity > LargestKept) (_text, _bytes) = (new ArrayBufferWriter<byte>(1024), []);
        if (_tokens.Length * Unsafe.SizeOf<JsonToken>() > LargestKept) _tokens = new JsonToken[64];
    }

    /// <summary>The text of a string, decoded, or of a number.</summary>
    internal ReadOnlySpan<byte> TextOf(int token) => _bytes.AsSpan(_tokens[token].Start, _tokens[token].Length);

    /// <summary>The text of a string with U+FFFD for each half of a surrogate pair.</summary>
    internal string StringOf(int token) => Encoding.UTF8.GetString(RepairSurrogates(TextOf(token)));

    internal ExactNumber NumberOf(int token) => ExactNumber.Parse(TextOf(token));

    /// <summary>How much work it is to look at everything in the value once, in steps (see <see cref="Evaluation.Spend"/>).</summary>
    internal long WorkOf(int token) => _tokens[token].Next - token + (_tokens[token].RawLength / 64);

    /// <summary>The value as it is written, cut where it is long.</summary>
    internal string ExcerptOf(int token)
    {
        ref readonly var place = ref _tokens[token];
        return Cut(Encoding.UTF8.GetString(_bytes, place.RawStart, Math.Min(place.RawLength, (LongestExcerpt + 2) * 4)));
    }

    /// <summary>A text as messages show it: its beginning, where it is long.</summary>
    internal static string Cut(string text) =>
        text.Length <= LongestExcerpt ? text : string.Concat(text.AsSpan(0, char.IsHighSurrogate(text[LongestExcerpt - 1]) ? LongestExcerpt - 1 : LongestExcerpt), "…");

    /// <summary>Where a value stands, as a JSON pointer. The name of a property has the place of its value.</summary>
    internal string PointerTo(int token)
    {
        var pointer = "";
        for (var at = 0; at != token;)
        {
            var isObject = _tokens[at].Kind == RecordValueKind.Object;
            var child = at + 1;
            var index = 0;
            for (; ; index++)
            {
                var value = isObject ? child + 1 : child;
                if (token < _tokens[value].Next) break;
                child = _tokens[value].Next;
            }

            pointer = JsonPointer.Append(pointer, isObject ? StringOf(child) : index.ToString(CultureInfo.InvariantCulture));
            if (isObject && child == token) break;
            at = isObject ? child + 1 : child;
        }

        return pointer;
    }

    /// <returns>The value of the property, or -1.</returns>
    internal int Find(int token, ReadOnlySpan<byte> name)
    {
        var at = token + 1;
        for (var left = _tokens[token].Count; left > 0; left--)
        {
            if (TextOf(at).SequenceEqual(name)) return at + 1;
            at = _tokens[at + 1].Next;
        }

        return -1;
    }

    /// <summary>Finds two elements of an array that mean the same.</summary>
    /// <returns>The later one, or -1.</returns>
    internal int FindDuplicate(int token)
    {
        var count = _tokens[token].Count;
        if (count > FewEnoughToCompareEach) return FindDuplicateByHash(token);
        for (int i = 1, item = count == 0 ? 0 : _tokens[token + 1].Next; i < count; i++, item = _tokens[item].Next)
        {
            for (var other = token + 1; other < item; other = _tokens[other].Next)
            {
                if (AreEqual(this, item, this, other)) return item;
            }
        }

        return -1;
    }

    /// <summary>Whether two values mean the same: numbers by their exact value, objects whatever the order of their properties.</summary>
    internal static bool AreEqual(JsonTape left, int a, JsonTape right, int b)
    {
        ref readonly var one = ref left._tokens[a];
        ref readonly var other = ref right._tokens[b];
        if (one.Kind != other.Kind || one.Count != other.Count) return false;
        switch (one.Kind)
        {
            case RecordValueKind.Boolean:
                return one.IsTrue == other.IsTrue;
            case RecordValueKind.String:
                return left.TextOf(a).SequenceEqual(right.TextOf(b));
            case RecordValueKind.Number:
                return left.TextOf(a).SequenceEqual(right.TextOf(b)) || ExactNumber.Compare(left.NumberOf(a), right.NumberOf(b)) == 0;
            case RecordValueKind.Array:
                for (a++, b++; a < one.Next; a = left._tokens[a].Next, b = right._tokens[b].Next)
                {
                    if (!AreEqual(left, a, right, b)) return false;
                }

                return true;
            case RecordValueKind.Object:
                return HaveEqualProperties(left, a, right, b);
            default:
                return true;
        }
    }

    /// <summary>The same for values that mean the same.</summary>
    internal int HashOf(int token)
    {
        ref readonly var place = ref _tokens[token];
        var hash = new HashCode();
        hash.Add((int)place.Kind);
        switch (place.Kind)
        {
            case RecordValueKind.Boolean:
                hash.Add(place.IsTrue);
                break;
            case RecordValueKind.String:
                hash.AddBytes(TextOf(token));
                break;
            case RecordValueKind.Number:
                NumberOf(token).AddTo(ref hash);
                break;
            case RecordValueKind.Array:
                for (var item = token + 1; item < place.Next; item = _tokens[item].Next) hash.Add(HashOf(item));
                break;
            case RecordValueKind.Object:
                var sum = 0;
                for (var name = token + 1; name < place.Next; name = _tokens[name + 1].Next) sum += HashCode.Combine(HashOf(name), HashOf(name + 1));
                hash.Add(sum);
                break;
        }

        return hash.ToHashCode();
    }

    /// <summary>Puts U+FFFD, which takes the same three bytes, in the place of each half of a surrogate pair.</summary>
    internal static ReadOnlySpan<byte> RepairSurrogates(ReadOnlySpan<byte> text)
    {
        if (IndexOfSurrogate(text) is var at && at < 0) return text;
        var repaired = text.ToArray();
        for (var rest = repaired.AsSpan(); at >= 0; at = IndexOfSurrogate(rest))
        {
            "\uFFFD"u8.CopyTo(rest[at..]);
            rest = rest[(at + 3)..];
        }

        return repaired;
    }

    private static int IndexOfSurrogate(ReadOnlySpan<byte> text)
    {
        for (var from = 0; text[from..].IndexOf((byte)0xED) is >= 0 and var at; from += at + 1)
        {
            if (from + at + 2 < text.Length && text[from + at + 1] >= 0xA0) return from + at;
        }

        return -1;
    }

    private static bool HaveEqualProperties(JsonTape left, int a, JsonTape right, int b)
    {
        var end = left._tokens[a].Next;
        if (left._tokens[a].Count <= FewEnoughToCompareEach)
        {
            for (var name = a + 1; name < end; name = left._tokens[name + 1].Next)
            {
                if (right.Find(b, left.TextOf(name)) is var value && (value < 0 || !AreEqual(left, name + 1, right, value))) return false;
            }

            return true;
        }

        var values = new Utf8Map<int>();
        for (var name = b + 1; name < right._tokens[b].Next; name = right._tokens[name + 1].Next) values[right.TextOf(name)] = name + 1;
        for (var name = a + 1; name < end; name = left._tokens[name + 1].Next)
        {
            if (!values.TryGet(left.TextOf(name), out var value) || !AreEqual(left, name + 1, right, value)) return false;
        }

        return true;
    }

    private int FindDuplicateByHash(int token)
    {
        var count = _tokens[token].Count;
        var hashes = ArrayPool<int>.Shared.Rent(count);
        var items = ArrayPool<int>.Shared.Rent(count);
        for (int i = 0, item = token + 1; i < count; i++, item = _tokens[item].Next) (hashes[i], items[i]) = (HashOf(item), item);
        Array.Sort(hashes, items, 0, count);
        var duplicate = -1;
        for (var i = 1; i < count && duplicate < 0; i++)
        {
            for (var j = i - 1; j >= 0 && hashes[j] == hashes[i] && duplicate < 0; j--)
            {
                if (AreEqual(this, items[i], this, items[j])) duplicate = Math.Max(items[i], items[j]);
            }
        }

        ArrayPool<int>.Shared.Return(hashes);
        ArrayPool<int>.Shared.Return(items);
        return duplicate;
    }

    private void Clear()
    {
        _text.ResetWrittenCount();
        _count = 0;
    }

    private void Index()
    {
        var json = _text.WrittenSpan;
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaxDepth });
        var depth = 0;
        while (reader.Read())
        {
            var start = (int)reader.TokenStartIndex;
            switch (reader.TokenType)
            {
                case JsonTokenType.StartObject:
                    CountIn(depth);
                    _open[depth++] = Add(RecordValueKind.Object, start, 1);
                    break;
                case JsonTokenType.StartArray:
                    CountIn(depth);
                    _open[depth++] = Add(RecordValueKind.Array, start, 1);
                    break;
                case JsonTokenType.EndObject or JsonTokenType.EndArray:
                    ref var container = ref _tokens[_open[--depth]];
                    container.Next = _count;
                    container.Length = container.RawLength = start + 1 - container.Start;
                    break;
                case JsonTokenType.PropertyName:
                    // The name is counted, its value is not: the parent of a value that follows a name is an object.
                    _tokens[_open[depth - 1]].Count++;
                    AddString(ref reader, start);
                    break;
                case JsonTokenType.String:
                    CountIn(depth);
                    AddString(ref reader, start);
                    break;
                case JsonTokenType.Number:
                    CountIn(depth);
                    Add(RecordValueKind.Number, start, reader.ValueSpan.Length);
                    break;
                case JsonTokenType.Null:
                    CountIn(depth);
                    Add(RecordValueKind.Null, start, reader.ValueSpan.Length);
                    break;
                default:
                    CountIn(depth);
                    var boolean = Add(RecordValueKind.Boolean, start, reader.ValueSpan.Length);
                    _tokens[boolean].IsTrue = reader.TokenType == JsonTokenType.True;
                    break;
            }
        }

        _bytes = MemoryMarshal.TryGetArray(_text.WrittenMemory, out var written) ? written.Array! : _text.WrittenSpan.ToArray();
    }

    private void CountIn(int depth)
    {
        if (depth == 0) return;
        ref var parent = ref _tokens[_open[depth - 1]];
        if (parent.Kind == RecordValueKind.Array) parent.Count++;
    }

    private int Add(RecordValueKind kind, int start, int length)
    {
        if (_count == _tokens.Length) Array.Resize(ref _tokens, _count * 2);
        _tokens[_count] = new JsonToken { Kind = kind, Start = start, Length = length, RawStart = start, RawLength = length, Next = _count + 1 };
        return _count++;
    }

    private void AddString(ref Utf8JsonReader reader, int start)
    {
        var index = Add(RecordValueKind.String, start, reader.ValueSpan.Length + 2);
        ref var token = ref _tokens[index];
        if (reader.ValueIsEscaped)
        {
            // Behind the text itself; where the buffer moves on growing, offsets stay what they are.
            token.Start = _text.WrittenCount;
            token.Length = Unescape(reader.ValueSpan, _text.GetSpan(reader.ValueSpan.Length));
            _text.Advance(token.Length);
        }
        else
        {
            token.Start = start + 1;
            token.Length = reader.ValueSpan.Length;
        }
    }

    private static int Unescape(ReadOnlySpan<byte> raw, Span<byte> target)
    {
        var length = 0;
        while (!raw.IsEmpty)
        {
            var plain = raw.IndexOf((byte)'\\');
            var run = plain < 0 ? raw : raw[..plain];
            run.CopyTo(target[length..]);
            length += run.Length;
            raw = raw[run.Length..];
            if (raw.IsEmpty) break;
            if (raw[1] == (byte)'u')
            {
                var code = ReadUnit(raw);
                raw = raw[6..];
                if (code is >= 0xD800 and < 0xDC00 && raw.Length >= 6 && raw[0] == (byte)'\\' && raw[1] == (byte)'u' && ReadUnit(raw) is >= 0xDC00 and < 0xE000 and var low)
                {
                    code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
                    raw = raw[6..];
                }

                length += Encode(code, target[length..]);
                continue;
            }

            target[length++] = raw[1] switch
            {
                (byte)'n' => (byte)'\n',
                (byte)'r' => (byte)'\r',
                (byte)'t' => (byte)'\t',
                (byte)'b' => (byte)'\b',
                (byte)'f' => (byte)'\f',
                var other => other,
            };
            raw = raw[2..];
        }

        return length;
    }

    private static int ReadUnit(ReadOnlySpan<byte> escape) => Utf8Parser.TryParse(escape.Slice(2, 4), out ushort unit, out _, 'x') ? unit : 0;

    private static int Encode(int code, Span<byte> target)
    {
        switch (code)
        {
            case < 0x80:
                target[0] = (byte)code;
                return 1;
            case < 0x800:
                target[0] = (byte)(0xC0 | code >> 6);
                target[1] = (byte)(0x80 | code & 0x3F);
                return 2;
            case < 0x10000:
                target[0] = (byte)(0xE0 | code >> 12);
                target[1] = (byte)(0x80 | code >> 6 & 0x3F);
                target[2] = (byte)(0x80 | code & 0x3F);
                return 3;
            default:
                target[0] = (byte)(0xF0 | code >> 18);
                target[1] = (byte)(0x80 | code >> 12 & 0x3F);
                target[2] = (byte)(0x80 | code >> 6 & 0x3F);
                target[3] = (byte)(0x80 | code & 0x3F);
                return 4;
        }
    }
}
