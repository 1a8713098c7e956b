using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace DataPipeline.Domain.Processing;

/// <summary>
/// A JSON value of a record. Immutable; a copy costs nothing. Numbers keep the text they were written with, strings whatever they hold,
/// lone surrogates included. A value read from text refers to it: the text must not be changed while the value is in use.
/// Two values are equal where they mean the same: numbers by their exact value, objects whatever the order of their properties.
/// </summary>
public readonly struct RecordValue : IEquatable<RecordValue>
{
    /// <summary>Up to how many names are compared one by one, which takes less time and memory than an index of them.</summary>
    private const int SearchedOneByOne = 16;

    private static readonly SearchValues<byte> NeedsEscape = SearchValues.Create([(byte)'"', (byte)'\\', .. Enumerable.Range(0, 0x20).Select(b => (byte)b)]);

    /// <summary>How deep a value may be nested that is made of others; a record bears less, see <see cref="Record.MaxDepth"/>.</summary>
    public const int MaxDepth = 8 * Record.MaxDepth;

    /// <summary>How many bytes of JSON a character becomes at most: <c>\u0000</c>.</summary>
    internal const int BytesPerCharacter = 6;

    /// <summary>byte[] with the JSON text between <see cref="_start"/> and <see cref="_length"/> (of a string: within its quotes), a string, or a node.</summary>
    private readonly object? _data;
    private readonly int _start;
    private readonly int _length;
    private readonly RecordValueKind _kind;
    private readonly bool _escaped;

    private RecordValue(RecordValueKind kind, object? data = null, int start = 0, int length = 0, bool escaped = false) =>
        (_kind, _data, _start, _length, _escaped) = (kind, data, start, length, escaped);

    internal RecordValue(ObjectNode node) : this(RecordValueKind.Object, node) { }

    internal RecordValue(ArrayNode node) : this(RecordValueKind.Array, node) { }

    /// <summary>Nothing: what stands at a path that leads nowhere. Also the default value of this type.</summary>
    public static RecordValue Absent => default;

    /// <summary>JSON <c>null</c>.</summary>
    public static RecordValue Null => new(RecordValueKind.Null);

    /// <summary>What the value is.</summary>
    public RecordValueKind Kind => _kind;

    /// <summary>Whether the field counts as missing: absent or <c>null</c>.</summary>
    public bool IsMissing => _kind is RecordValueKind.Absent or RecordValueKind.Null;

    /// <summary>How many elements an array or properties an object has; 0 for anything else.</summary>
    public int Count => _kind switch
    {
        RecordValueKind.Array => Array.Items.Length,
        RecordValueKind.Object => Object.Count,
        _ => 0,
    };

    /// <summary>
    /// How many bytes the value's JSON has at most, known without writing it: exact but for texts that were made rather than read, of which every character is taken for one
    /// that is written as an escape. Since version 1.1 of the contract.
    /// </summary>
    public long MaxLength => _data switch
    {
        byte[] => _length + (_kind == RecordValueKind.String ? 2 : 0),
        string text => ((long)text.Length * BytesPerCharacter) + 2,
        ObjectNode node => node.Extent.Length,
        ArrayNode node => node.Extent.Length,
        _ => 5,
    };

    /// <summary>The element of an array, or <see cref="Absent"/> where the value is no array.</summary>
    /// <param name="index">From 0 to <see cref="Count"/> - 1.</param>
    /// <exception cref="IndexOutOfRangeException">The array has no such element.</exception>
    public RecordValue this[int index] => _kind == RecordValueKind.Array ? Array.Items[index] : Absent;

    /// <summary>The exact text of a number, in ASCII; empty for anything else.</summary>
    public ReadOnlySpan<byte> NumberText => _kind == RecordValueKind.Number ? Raw : default;

    internal ObjectNode Object => _data as ObjectNode ?? ObjectNode.Parse((byte[])_data!, _start, _start + _length, out _);

    internal ArrayNode Array => _data as ArrayNode ?? ArrayNode.Parse((byte[])_data!, _start, _start + _length);

    internal bool IsParsed => _data is ObjectNode or ArrayNode;

    private ReadOnlySpan<byte> Raw => ((byte[])_data!).AsSpan(_start, _length);

    /// <summary>A JSON boolean.</summary>
    /// <param name="value">Which of the two.</param>
    public static RecordValue From(bool value) => new(RecordValueKind.Boolean, null, value ? 1 : 0);

    /// <summary>A JSON string.</summary>
    /// <param name="text">Its text.</param>
    public static RecordValue From(string text) => new(RecordValueKind.String, text);

    /// <summary>A JSON number.</summary>
    /// <param name="number">Its value.</param>
    public static RecordValue From(long number)
    {
        Span<byte> text = stackalloc byte[20];
        Utf8Formatter.TryFormat(number, text, out var length);
        return Number(text[..length].ToArray());
    }

    /// <summary>A JSON number, in the shortest text that means this value.</summary>
    /// <param name="number">Its value.</param>
    /// <exception cref="ArgumentOutOfRangeException">JSON has no number for it: it is infinite or none.</exception>
    public static RecordValue From(double number) => double.IsFinite(number)
        ? Number(Encoding.ASCII.GetBytes(number.ToString("R", CultureInfo.InvariantCulture)))
        : throw new ArgumentOutOfRangeException(nameof(number));

    /// <summary>A JSON number, in the shortest text that means this single-precision value.</summary>
    /// <param name="number">Its value.</param>
    /// <exception cref="ArgumentOutOfRangeException">JSON has no number for it: it is infinite or none.</exception>
    public static RecordValue From(float number) => float.IsFinite(number)
        ? Number(Encoding.ASCII.GetBytes(number.ToString("R", CultureInfo.InvariantCulture)))
        : throw new ArgumentOutOfRangeException(nameof(number));

    /// <summary>A JSON number with the digits that <paramref name="number"/> has, trailing zeros included.</summary>
    /// <param name="number">Its value.</param>
    public static RecordValue From(decimal number) => Number(Encoding.ASCII.GetBytes(number.ToString(CultureInfo.InvariantCulture)));

    /// <summary>A moment as ISO 8601 text in UTC: no fraction where it is zero, else up to 7 digits, and <c>Z</c>.</summary>
    /// <param name="moment">The moment.</param>
    public static RecordValue From(DateTimeOffset moment) => From(moment.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture));

    /// <summary>A JSON array.</summary>
    /// <param name="items">Its elements; none of them <see cref="Absent"/>.</param>
    /// <exception cref="ArgumentException">It would be nested deeper than <see cref="MaxDepth"/>.</exception>
    public static RecordValue FromArray(ReadOnlySpan<RecordValue> items)
    {
        var node = new ArrayNode(items.ToArray());
        RefuseDeeper(node.Extent);
        return new RecordValue(node);
    }

    /// <summary>A JSON object. Of properties with one name the last one counts.</summary>
    /// <param name="properties">Its properties, in order; no value is <see cref="Absent"/>.</param>
    /// <exception cref="ArgumentException">It would be nested deeper than <see cref="MaxDepth"/>.</exception>
    public static RecordValue FromObject(IEnumerable<KeyValuePair<string, RecordValue>> properties)
    {
        var node = new ObjectNode(0);
        Dictionary<string, int>? places = null;
        foreach (var (name, value) in properties)
        {
            var segment = new PathSegment(name);
            var place = places is null ? node.IndexOf(segment) : places.GetValueOrDefault(name, -1);
            if (place >= 0)
            {
                node.Replace(place, value);
                continue;
            }

            places?.Add(name, node.Count);
            node.Add(new Property(segment, value));
            if (node.Count == SearchedOneByOne) places = Enumerable.Range(0, node.Count).ToDictionary(i => node.Properties[i].Name, StringComparer.Ordinal);
        }

        RefuseDeeper(node.Extent);
        return new RecordValue(node);
    }

    /// <summary>A JSON string.</summary>
    /// <param name="text">Its text as UTF-8; what is not valid becomes U+FFFD.</param>
    public static RecordValue FromUtf8(ReadOnlySpan<byte> text)
    {
        if (text.ContainsAny(NeedsEscape) || !Utf8.IsValid(text)) return From(Encoding.UTF8.GetString(text));
        var token = new byte[text.Length + 2];
        token[0] = token[^1] = (byte)'"';
        text.CopyTo(token.AsSpan(1));
        return new RecordValue(RecordValueKind.String, token, 1, text.Length);
    }

    /// <summary>A number with exactly this text.</summary>
    /// <param name="text">A number after the grammar of JSON, of any size.</param>
    /// <param name="number">The number, or <see cref="Absent"/> where the text is none.</param>
    /// <returns>Whether it is a number.</returns>
    public static bool TryParseNumber(ReadOnlySpan<byte> text, out RecordValue number)
    {
        number = JsonNumber.IsValid(text) ? Number(text.ToArray()) : default;
        return number._kind == RecordValueKind.Number;
    }

    /// <summary>Reads any text as one JSON value: UTF-8, nested at most 64 deep, no name twice in an object.</summary>
    /// <param name="json">The text. The value refers to it.</param>
    /// <param name="value">The value, or <see cref="Absent"/> where the text is none.</param>
    /// <returns>Whether it is one.</returns>
    public static bool TryParse(ReadOnlyMemory<byte> json, out RecordValue value)
    {
        value = default;
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = JsonText.MaxDepth, AllowDuplicateProperties = false });
        }
        catch (JsonException)
        {
            return false;
        }

        if (!Utf8.IsValid(json.Span)) return false;
        value = OfValid(json);
        return true;
    }

    /// <summary>The value as a boolean; false where it is none.</summary>
    public bool GetBoolean() => _kind == RecordValueKind.Boolean && _start == 1;

    /// <summary>The text of a string; the empty text where the value is no string. Decoded at each call.</summary>
    public string GetString()
    {
        if (_kind != RecordValueKind.String) return "";
        if (_data is string text) return text;
        return _escaped ? JsonText.Unescape(Raw) : Encoding.UTF8.GetString(Raw);
    }

    /// <summary>The text of a string as it lies in memory, without decoding. A quick way that is not always open; <see cref="GetString"/> is.</summary>
    /// <param name="text">The text as UTF-8.</param>
    /// <returns>False where the value is no string or its text is held in another form.</returns>
    public bool TryGetUtf8(out ReadOnlySpan<byte> text)
    {
        var isOpen = _kind == RecordValueKind.String && !_escaped && _data is not string;
        text = isOpen ? Raw : default;
        return isOpen;
    }

    /// <summary>The number that a string holds, by its exact text and without a copy of it: <c>"1.10"</c> gives 1.10.</summary>
    /// <param name="number">The number, or <see cref="Absent"/> where there is none.</param>
    /// <returns>Whether the value is a string that is a number after the grammar of JSON.</returns>
    public bool TryReadNumber(out RecordValue number)
    {
        if (!TryGetUtf8(out var text)) return TryParseNumber(Encoding.UTF8.GetBytes(GetString()), out number);
        number = JsonNumber.IsValid(text) ? new RecordValue(RecordValueKind.Number, _data, _start, _length) : default;
        return number._kind == RecordValueKind.Number;
    }

    /// <summary>The value of an object's property, or <see cref="Absent"/>.</summary>
    /// <param name="name">The property's name.</param>
    public RecordValue GetProperty(string name)
    {
        if (_kind != RecordValueKind.Object) return default;
        var node = Object;
        var index = node.IndexOf(new PathSegment(name));
        return index < 0 ? default : node.Properties[index].Value;
    }

    /// <summary>The elements of an array, in order; none for anything else.</summary>
    public IEnumerable<RecordValue> EnumerateArray() => _kind == RecordValueKind.Array ? Array.Items : [];

    /// <summary>The properties of an object, in order; none for anything else.</summary>
    public IEnumerable<KeyValuePair<string, RecordValue>> EnumerateObject()
    {
        if (_kind != RecordValueKind.Object) yield break;
        var node = Object;
        for (var i = 0; i < node.Count; i++) yield return new(node.Properties[i].Name, node.Properties[i].Value);
    }

    /// <summary>What stands at the path, seen from this value; <see cref="Absent"/> where it leads nowhere.</summary>
    /// <param name="path">Where to look.</param>
    public RecordValue Get(FieldPath path)
    {
        var value = this;
        foreach (ref readonly var step in path.Steps.AsSpan())
        {
            if (!value.TryStep(step, out var next)) return default;
            value = next;
        }

        return value;
    }

    /// <summary>The value as people read it: a string's text, a number's, <c>true</c> or <c>false</c>, JSON of an array or object; empty for <c>null</c> and what is absent.</summary>
    public string ToText() => _kind switch
    {
        RecordValueKind.String => GetString(),
        RecordValueKind.Absent or RecordValueKind.Null => "",
        _ => ToJson(),
    };

    /// <summary>The value as JSON text; empty where it is absent.</summary>
    public string ToJson()
    {
        var buffer = new ArrayBufferWriter<byte>();
        WriteTo(buffer);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>Writes the value as UTF-8 JSON; what was not changed since it was read, as it was written. Writes nothing where the value is absent.</summary>
    /// <param name="output">Where to write.</param>
    public void WriteTo(IBufferWriter<byte> output)
    {
        var json = new Utf8Output(output);
        WriteTo(ref json);
        json.Flush();
    }

    /// <summary>Compares two numbers by their exact value.</summary>
    /// <param name="left">A number.</param>
    /// <param name="right">A number.</param>
    /// <returns>Less than 0, 0 or more than 0, as <paramref name="left"/> is less than, equal to or greater than <paramref name="right"/>.</returns>
    /// <exception cref="ArgumentException">One of them is no number.</exception>
    public static int CompareNumbers(RecordValue left, RecordValue right) => left._kind == RecordValueKind.Number && right._kind == RecordValueKind.Number
        ? JsonNumber.Compare(left.Raw, right.Raw)
        : throw new ArgumentException("Only numbers can be compared by value.");

    /// <inheritdoc/>
    public bool Equals(RecordValue other)
    {
        if (_kind != other._kind) return false;
        switch (_kind)
        {
            case RecordValueKind.Boolean:
                return _start == other._start;
            case RecordValueKind.Number:
                return JsonNumber.Compare(Raw, other.Raw) == 0;
            case RecordValueKind.String:
                if (TryGetUtf8(out var text) && other.TryGetUtf8(out var otherText)) return text.SequenceEqual(otherText);
                return GetString() == other.GetString();
            case RecordValueKind.Array:
                return Array.Items.AsSpan().SequenceEqual(other.Array.Items);
            case RecordValueKind.Object:
                return HaveSameProperties(Object, other.Object);
            default:
                return true;
        }
    }

    /// <inheritdoc/>
    public override bool Equals([NotNullWhen(true)] object? obj) => obj is RecordValue other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        switch (_kind)
        {
            case RecordValueKind.Boolean:
                return _start;
            case RecordValueKind.Number:
                return JsonNumber.HashCode(Raw);
            case RecordValueKind.String:
                return GetString().GetHashCode(StringComparison.Ordinal);
            case RecordValueKind.Array:
                return Array.Items.Aggregate(17, (hash, item) => HashCode.Combine(hash, item));
            case RecordValueKind.Object:
                return EnumerateObject().Aggregate(23, (hash, property) => hash ^ HashCode.Combine(property.Key.GetHashCode(StringComparison.Ordinal), property.Value));
            default:
                return (int)_kind;
        }
    }

    /// <summary>Whether both values mean the same.</summary>
    /// <param name="left">A value.</param>
    /// <param name="right">A value.</param>
    public static bool operator ==(RecordValue left, RecordValue right) => left.Equals(right);

    /// <summary>Whether the values differ.</summary>
    /// <param name="left">A value.</param>
    /// <param name="right">A value.</param>
    public static bool operator !=(RecordValue left, RecordValue right) => !left.Equals(right);

    /// <summary>The same as <see cref="ToJson"/>.</summary>
    public override string ToString() => ToJson();

    /// <summary>Finds the end of the value that begins at <paramref name="at"/>.</summary>
    /// <returns>The index behind it, or <see cref="JsonText.Malformed"/>.</returns>
    internal static int Delimit(byte[] buffer, int at, int limit, out RecordValue value)
    {
        value = default;
        if (at >= limit) return JsonText.Malformed;
        var text = buffer.AsSpan(0, limit);
        int end;
        switch (text[at])
        {
            case (byte)'"':
                end = JsonText.SkipString(text, at, out var escaped);
                if (end != JsonText.Malformed) value = new RecordValue(RecordValueKind.String, buffer, at + 1, end - at - 2, escaped);
                return end;
            case (byte)'{':
                end = JsonText.SkipContainer(text, at);
                if (end != JsonText.Malformed) value = new RecordValue(RecordValueKind.Object, buffer, at, end - at);
                return end;
            case (byte)'[':
                end = JsonText.SkipContainer(text, at);
                if (end != JsonText.Malformed) value = new RecordValue(RecordValueKind.Array, buffer, at, end - at);
                return end;
            case (byte)'t' when text[at..].StartsWith("true"u8):
                value = From(true);
                return at + 4;
            case (byte)'f' when text[at..].StartsWith("false"u8):
                value = From(false);
                return at + 5;
            case (byte)'n' when text[at..].StartsWith("null"u8):
                value = Null;
                return at + 4;
            default:
                end = JsonText.SkipNumber(text, at);
                if (end == at) return JsonText.Malformed;
                value = new RecordValue(RecordValueKind.Number, buffer, at, end - at);
                return end;
        }
    }

    /// <summary>The value of text that is known to be one JSON value.</summary>
    internal static RecordValue OfValid(ReadOnlyMemory<byte> json)
    {
        var text = SegmentOf(json);
        Delimit(text.Array!, text.Offset + JsonText.SkipWhiteSpace(text, 0), text.Offset + text.Count, out var value);
        return value;
    }

    /// <summary>A JSON string with its quotes.</summary>
    internal static byte[] Token(string text)
    {
        var token = new byte[text.Length + 2];
        var name = token.AsSpan(1, text.Length);
        if (Ascii.FromUtf16(text, name, out _) == OperationStatus.Done && !name.ContainsAny(NeedsEscape))
        {
            token[0] = token[^1] = (byte)'"';
            return token;
        }

        var buffer = new ArrayBufferWriter<byte>(text.Length + 2);
        var json = new Utf8Output(buffer);
        json.WriteString(text);
        json.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    internal static ArraySegment<byte> SegmentOf(ReadOnlyMemory<byte> memory) =>
        MemoryMarshal.TryGetArray(memory, out var segment) && segment.Array is not null ? segment : new ArraySegment<byte>(memory.ToArray());

    /// <summary>The same value with its properties or elements at hand.</summary>
    internal RecordValue Parsed() => _kind switch
    {
        RecordValueKind.Object when !IsParsed => new RecordValue(Object),
        RecordValueKind.Array when !IsParsed => new RecordValue(Array),
        _ => this,
    };

    /// <summary>How deep the value is nested at most: 0 for what is no array or object.</summary>
    internal int Depth() => _data switch
    {
        ObjectNode node => node.Extent.Depth,
        ArrayNode node => node.Extent.Depth,
        _ => _kind is RecordValueKind.Object or RecordValueKind.Array ? JsonText.MaxDepth : 0,
    };

    internal void WriteTo(ref Utf8Output output)
    {
        switch (_data)
        {
            case byte[] buffer when _kind == RecordValueKind.String:
                output.Write(buffer.AsSpan(_start - 1, _length + 2));
                break;
            case byte[] buffer:
                output.Write(buffer.AsSpan(_start, _length));
                break;
            case string text:
                output.WriteString(text);
                break;
            case ObjectNode node:
                Write(node, ref output);
                break;
            case ArrayNode node:
                Write(node, ref output);
                break;
            default:
                output.Write(_kind switch
                {
                    RecordValueKind.Null => "null"u8,
                    RecordValueKind.Boolean => _start == 1 ? "true"u8 : "false"u8,
                    _ => default,
                });
                break;
        }
    }

    private static RecordValue Number(byte[] text) => new(RecordValueKind.Number, text, 0, text.Length);

    private static void RefuseDeeper(Extent extent)
    {
        if (extent.Depth > MaxDepth) throw new ArgumentException($"The value would be nested more than {MaxDepth} deep.");
    }

    private static void Write(ObjectNode node, ref Utf8Output output)
    {
        if (node.Source.Count > 0)
        {
            output.Write(node.Source);
            return;
        }

        output.Write((byte)'{');
        for (var i = 0; i < node.Count; i++)
        {
            if (i > 0) output.Write((byte)',');
            output.Write(node.Properties[i].Token);
            output.Write((byte)':');
            node.Properties[i].Value.WriteTo(ref output);
        }

        output.Write((byte)'}');
    }

    private static void Write(ArrayNode node, ref Utf8Output output)
    {
        if (node.Source.Count > 0)
        {
            output.Write(node.Source);
            return;
        }

        output.Write((byte)'[');
        for (var i = 0; i < node.Items.Length; i++)
        {
            if (i > 0) output.Write((byte)',');
            node.Items[i].WriteTo(ref output);
        }

        output.Write((byte)']');
    }

    private static bool HaveSameProperties(ObjectNode left, ObjectNode right)
    {
        if (left.Count != right.Count) return false;
        var values = new Dictionary<string, RecordValue>(right.Count, StringComparer.Ordinal);
        for (var i = 0; i < right.Count; i++) values[right.Properties[i].Name] = right.Properties[i].Value;
        for (var i = 0; i < left.Count; i++)
        {
            if (!values.TryGetValue(left.Properties[i].Name, out var value) || !left.Properties[i].Value.Equals(value)) return false;
        }

        return true;
    }

    private bool TryStep(in PathSegment step, out RecordValue value)
    {
        value = default;
        if (_kind == RecordValueKind.Object)
        {
            var node = Object;
            var index = node.IndexOf(step);
            if (index >= 0) value = node.Properties[index].Value;
            return index >= 0;
        }

        if (_kind != RecordValueKind.Array) return false;
        var array = Array;
        var place = array.IndexOf(step);
        if (place >= 0) value = array.Items[place];
        return place >= 0;
    }
}
