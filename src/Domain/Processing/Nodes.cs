namespace DataPipeline.Domain.Processing;

/// <summary>A property inside an <see cref="ObjectNode"/>. Its name stays as it is written in JSON, between its quotes.</summary>
internal struct Property
{
    private const int EscapedBit = int.MinValue;

    private readonly byte[] _buffer;
    private readonly int _start;
    private readonly int _length;

    internal Property(byte[] buffer, int start, int length, bool escaped, RecordValue value)
    {
        _buffer = buffer;
        _start = escaped ? start | EscapedBit : start;
        _length = length;
        Value = value;
    }

    internal Property(in PathSegment segment, RecordValue value)
        : this(segment.Token, 1, segment.Token.Length - 2, segment.IsEscaped, value) { }

    internal RecordValue Value;

    /// <summary>The name as JSON, quotes included.</summary>
    internal readonly ReadOnlySpan<byte> Token => _buffer.AsSpan((_start & ~EscapedBit) - 1, _length + 2);

    internal readonly string Name => IsEscaped ? JsonText.Unescape(Raw) : System.Text.Encoding.UTF8.GetString(Raw);

    private readonly bool IsEscaped => _start < 0;

    private readonly ReadOnlySpan<byte> Raw => _buffer.AsSpan(_start & ~EscapedBit, _length);

    /// <summary>Looks at the length first: most properties that are passed over on the way to one differ in that.</summary>
    internal readonly bool Is(in PathSegment segment)
    {
        if (IsEscaped) return segment.Text == JsonText.Unescape(Raw);
        return _length == segment.Token.Length - 2 && Raw.SequenceEqual(segment.Token.AsSpan(1, _length));
    }

    internal readonly Property With(RecordValue value)
    {
        var copy = this;
        copy.Value = value;
        return copy;
    }
}

/// <summary>How large a value can be at most.</summary>
/// <param name="Length">In bytes of JSON; see <see cref="RecordValue.MaxLength"/>. What is beyond <see cref="Cap"/> counts as that much.</param>
/// <param name="Depth">How many objects and arrays lie in each other.</param>
internal readonly record struct Extent(long Length, int Depth)
{
    internal const long Cap = 1L << 40;

    /// <summary>Of an object or array with nothing in it.</summary>
    internal static readonly Extent Empty = new(2, 1);

    internal static Extent OfSource(int length) => new(length, JsonText.MaxDepth);

    internal Extent With(in RecordValue part, int nameLength) => new(Math.Min(Length + nameLength + 1 + part.MaxLength, Cap), Math.Max(Depth, 1 + part.Depth()));
}

/// <summary>
/// The properties of an object, its values not looked into. Never changes once it can be seen from outside of <see cref="Record"/>,
/// but for a raw value giving way to the same value parsed.
/// </summary>
internal sealed class ObjectNode
{
    internal Property[] Properties;
    internal int Count;
    private Extent _extent;

    internal ObjectNode(int capacity) => Properties = capacity == 0 ? [] : new Property[capacity];

    private ObjectNode(ObjectNode other, int extra)
    {
        Properties = new Property[other.Count + extra];
        Count = other.Count;
        Array.Copy(other.Properties, Properties, Count);
    }

    /// <summary>The text it was read from, while it says the same; empty otherwise.</summary>
    internal ArraySegment<byte> Source { get; private set; }

    /// <summary>How large it is at most. Only for a node that can be seen from outside, since it is remembered.</summary>
    internal Extent Extent => _extent.Depth > 0 ? _extent : _extent = Measure();

    /// <summary>Reads the object that begins at <paramref name="start"/>; nested values are only delimited.</summary>
    /// <param name="end">The index behind it, or <see cref="JsonText.Malformed"/>; then the node holds what stands before the fault.</param>
    internal static ObjectNode Parse(byte[] buffer, int start, int limit, out int end)
    {
        var node = new ObjectNode(0);
        end = node.Reparse(buffer, start, limit);
        return node;
    }

    /// <summary>Becomes another object, in the same memory: only for a node that nobody else has seen.</summary>
    internal int Reparse(byte[] buffer, int start, int limit)
    {
        Properties.AsSpan(0, Count).Clear();
        Count = 0;
        var end = Read(buffer, start, limit);
        Source = end == JsonText.Malformed ? default : new ArraySegment<byte>(buffer, start, end - start);
        return end;
    }

    internal ObjectNode Clone(int extra) => new(this, extra);

    internal Extent Measure()
    {
        if (Source.Count > 0) return Extent.OfSource(Source.Count);
        var extent = Extent.Empty;
        foreach (ref readonly var property in Properties.AsSpan(0, Count)) extent = extent.With(property.Value, property.Token.Length + 1);
        return extent;
    }

    internal int IndexOf(in PathSegment segment)
    {
        var properties = Properties.AsSpan(0, Count);
        for (var i = 0; i < properties.Length; i++)
        {
            if (properties[i].Is(segment)) return i;
        }

        return -1;
    }

    internal void Add(Property property)
    {
        if (Count == Properties.Length) Array.Resize(ref Properties, Math.Max(4, Count * 2));
        Properties[Count++] = property;
        Source = default;
    }

    internal void Replace(int index, RecordValue value)
    {
        Properties[index].Value = value;
        Source = default;
    }

    internal void RemoveAt(int index)
    {
        Count--;
        Array.Copy(Properties, index + 1, Properties, index, Count - index);
        Properties[Count] = default;
        Source = default;
    }

    private int Read(byte[] buffer, int start, int limit)
    {
        var text = buffer.AsSpan(0, limit);
        var at = JsonText.SkipWhiteSpace(text, start + 1);
        if (at < limit && text[at] == (byte)'}') return at + 1;
        while (true)
        {
            if (at >= limit || text[at] != (byte)'"') return JsonText.Malformed;
            var nameStart = at + 1;
            at = JsonText.SkipString(text, at, out var escaped);
            if (at == JsonText.Malformed) return at;
            var nameLength = at - 1 - nameStart;
            at = JsonText.SkipWhiteSpace(text, at);
            if (at >= limit || text[at] != (byte)':') return JsonText.Malformed;
            at = RecordValue.Delimit(buffer, JsonText.SkipWhiteSpace(text, at + 1), limit, out var value);
            if (at == JsonText.Malformed) return at;
            Add(new Property(buffer, nameStart, nameLength, escaped, value));
            at = JsonText.SkipWhiteSpace(text, at);
            if (at >= limit) return JsonText.Malformed;
            if (text[at] == (byte)'}') return at + 1;
            if (text[at] != (byte)',') return JsonText.Malformed;
            at = JsonText.SkipWhiteSpace(text, at + 1);
        }
    }
}

/// <summary>The elements of an array; see <see cref="ObjectNode"/>.</summary>
internal sealed class ArrayNode
{
    internal readonly RecordValue[] Items;
    private Extent _extent;

    internal ArrayNode(RecordValue[] items) => Items = items;

    /// <summary>The text it was read from; empty where it was made otherwise.</summary>
    internal ArraySegment<byte> Source { get; private init; }

    /// <summary>How large it is at most.</summary>
    internal Extent Extent => _extent.Depth > 0 ? _extent : _extent = Measure();

    /// <summary>Reads the array that begins at <paramref name="start"/>; of one that is malformed, what stands before the fault.</summary>
    internal static ArrayNode Parse(byte[] buffer, int start, int limit)
    {
        var items = new List<RecordValue>();
        var end = Read(buffer, start, limit, items);
        return new ArrayNode([.. items]) { Source = end == JsonText.Malformed ? default : new ArraySegment<byte>(buffer, start, end - start) };
    }

    /// <returns>-1 where the segment is no index of an element.</returns>
    internal int IndexOf(in PathSegment segment) => segment.Index < Items.Length ? segment.Index : -1;

    internal ArrayNode With(int index, RecordValue value)
    {
        var items = Items.AsSpan().ToArray();
        items[index] = value;
        return new ArrayNode(items);
    }

    internal ArrayNode Without(int index) => new([.. Items.AsSpan(0, index), .. Items.AsSpan(index + 1)]);

    private Extent Measure()
    {
        if (Source.Count > 0) return Extent.OfSource(Source.Count);
        var extent = Extent.Empty;
        foreach (ref readonly var item in Items.AsSpan()) extent = extent.With(item, 0);
        return extent;
    }

    private static int Read(byte[] buffer, int start, int limit, List<RecordValue> items)
    {
        var text = buffer.AsSpan(0, limit);
        var at = JsonText.SkipWhiteSpace(text, start + 1);
        if (at < limit && text[at] == (byte)']') return at + 1;
        while (true)
        {
            at = RecordValue.Delimit(buffer, at, limit, out var value);
            if (at == JsonText.Malformed) return at;
            items.Add(value);
            at = JsonText.SkipWhiteSpace(text, at);
            if (at >= limit) return JsonText.Malformed;
            if (text[at] == (byte)']') return at + 1;
            if (text[at] != (byte)',') return JsonText.Malformed;
            at = JsonText.SkipWhiteSpace(text, at + 1);
        }
    }
}
