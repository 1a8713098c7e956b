using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace DataPipeline.Domain.Processing;

/// <summary>
/// A record on its way through a pipeline: a JSON object that processors read and change by path. The values in it are immutable,
/// so a value taken from it stays what it is, whatever happens to the record afterwards.
/// Belongs to one thread at a time; a processor must not keep it: what is done to it after the answer is lost.
/// </summary>
public sealed class Record
{
    /// <summary>How deep a record may be nested. A write that would go deeper is refused.</summary>
    public const int MaxDepth = 2 * JsonText.MaxDepth;

    private readonly int _maxBytes;
    private ObjectNode _root;

    /// <summary>Whether nobody else has seen <see cref="_root"/>, so that it may be changed in place.</summary>
    private bool _isOwn;

    /// <summary>No less than the length of the record's JSON: what was added is counted as it comes, what was taken away is not, so that a change costs an addition and not a look at the whole.</summary>
    private long _length;

    /// <summary>An empty record, for <see cref="TryReparse"/>.</summary>
    /// <param name="maxBytes">See <see cref="MaxBytes"/>.</param>
    internal Record(int maxBytes = int.MaxValue)
        : this(new ObjectNode(16), isOwn: true, maxBytes) => _length = Extent.Empty.Length;

    private Record(ObjectNode root, bool isOwn, int maxBytes = int.MaxValue)
    {
        (_root, _isOwn) = (root, isOwn);
        MaxBytes = _maxBytes = maxBytes;
    }

    /// <summary>
    /// How long the record's JSON may become, in bytes; no less than it was submitted with, and without bound for a record that the engine did not make. A change that
    /// would make it longer is refused, and the record fails with <c>RECORD_TOO_LARGE</c>, whatever its processor answers. Since version 1.1 of the contract.
    /// </summary>
    public int MaxBytes { get; private set; }

    /// <summary>Whether values of these lengths together may fit into the record, if everything else made way: where not, they need not be made. Since version 1.1 of the contract.</summary>
    /// <param name="maxLength">The sum of their <see cref="RecordValue.MaxLength"/>.</param>
    public bool CanHold(long maxLength) => maxLength <= (long)MaxBytes * RecordValue.BytesPerCharacter;

    /// <summary>Whether a change was refused because of <see cref="MaxBytes"/>. Writes are refused from then on, until <see cref="EndRefusal"/>.</summary>
    internal bool IsTooLarge { get; private set; }

    /// <summary>The whole record as a value.</summary>
    public RecordValue Root
    {
        get
        {
            _isOwn = false;
            return new RecordValue(_root);
        }
    }

    /// <summary>A record with these contents.</summary>
    /// <param name="root">An object.</param>
    /// <exception cref="ArgumentException">The value is no object.</exception>
    public static Record Of(RecordValue root) =>
        root.Kind == RecordValueKind.Object ? new Record(root.Object, isOwn: false) { _length = root.MaxLength } : throw new ArgumentException("A record is an object.", nameof(root));

    /// <summary>Reads a record from text that is known to be a valid JSON object; nested values are looked into when they are asked for.</summary>
    /// <param name="json">UTF-8 JSON, nested at most 64 deep, no name twice in an object. Must not change while the record or a value from it is in use.</param>
    /// <param name="record">The record, or <c>null</c> where the text turns out to be no object.</param>
    /// <returns>Whether the text began as an object and ended with it. Faults within nested values may go unnoticed.</returns>
    public static bool TryParse(ReadOnlyMemory<byte> json, [NotNullWhen(true)] out Record? record)
    {
        record = new Record();
        if (!record.TryReparse(json)) record = null;
        return record is not null;
    }

    /// <summary>Becomes the record of another text, as <see cref="TryParse"/> would make it, in the same memory where that is nobody else's.</summary>
    internal bool TryReparse(ReadOnlyMemory<byte> json)
    {
        if (!_isOwn) (_root, _isOwn) = (new ObjectNode(16), true);
        var text = RecordValue.SegmentOf(json);
        var start = JsonText.SkipWhiteSpace(text, 0);
        if (start >= text.Count || text[start] != (byte)'{') return false;
        var limit = text.Offset + text.Count;
        (_length, MaxBytes, IsTooLarge) = (text.Count, Math.Max(text.Count, _maxBytes), false);
        var end = _root.Reparse(text.Array!, text.Offset + start, limit);
        return end != JsonText.Malformed && JsonText.SkipWhiteSpace(text.Array.AsSpan(0, limit), end) == limit;
    }

    /// <summary>The whole record for a look that ends before the record is changed again: unlike <see cref="Root"/> it costs the next change nothing.</summary>
    internal RecordValue Peek() => new(_root);

    /// <summary>What stands at the path; <see cref="RecordValue.Absent"/> where it leads nowhere or through what is neither object nor array.</summary>
    /// <param name="path">Where to look.</param>
    public RecordValue Get(FieldPath path)
    {
        var node = _root;
        var steps = path.Steps;
        for (var i = 0; ; i++)
        {
            var index = node.IndexOf(steps[i]);
            if (index < 0) return default;
            ref var value = ref node.Properties[index].Value;
            if (i == steps.Length - 1) return value;
            if (!value.IsParsed) value = value.Parsed();
            while (value.Kind == RecordValueKind.Array)
            {
                var array = value.Array;
                var place = array.IndexOf(steps[++i]);
                if (place < 0) return default;
                value = ref array.Items[place];
                if (i == steps.Length - 1) return value;
                if (!value.IsParsed) value = value.Parsed();
            }

            if (value.Kind != RecordValueKind.Object) return default;
            node = value.Object;
        }
    }

    /// <summary>
    /// Puts a value at the path. Objects that are absent or <c>null</c> on the way are made; an element of an array can be
    /// replaced, not added.
    /// </summary>
    /// <param name="path">Where to put it.</param>
    /// <param name="value">What to put there; not <see cref="RecordValue.Absent"/>.</param>
    /// <returns>
    /// False, and nothing is changed, where the path runs through what is neither object nor array, to an element that is not there, or deeper than <see cref="MaxDepth"/>,
    /// or where the record would be longer than <see cref="MaxBytes"/>.
    /// </returns>
    /// <exception cref="ArgumentException">The value is absent.</exception>
    public bool TrySet(FieldPath path, RecordValue value)
    {
        if (value.Kind == RecordValueKind.Absent) throw new ArgumentException("Absent is no value; remove the field instead.", nameof(value));
        if (IsTooLarge) return false;
        var length = _length + path.MaxLength + value.MaxLength;
        if (length > MaxBytes) return TrySetMeasured(path, value);
        if (!TryPut(path, value)) return false;
        _length = length;
        return true;
    }

    /// <summary>Takes away what stands at the path; of an array, the elements behind it move up.</summary>
    /// <param name="path">What to take away.</param>
    /// <returns>False where there is nothing.</returns>
    public bool Remove(FieldPath path)
    {
        var index = _root.IndexOf(path.Steps[0]);
        if (index < 0) return false;
        if (path.Steps.Length == 1)
        {
            TakeOwnership();
            _root.RemoveAt(index);
            return true;
        }

        if (!TryWithout(_root.Properties[index].Value, path.Steps, 1, out var child)) return false;
        TakeOwnership();
        _root.Replace(index, child);
        return true;
    }

    /// <summary>The record's contents as they are now, to <see cref="Restore"/> them later. Costs nothing.</summary>
    public RecordValue Snapshot() => Root;

    /// <summary>Makes the contents what they were, or others altogether; changes nothing where these are longer than <see cref="MaxBytes"/>.</summary>
    /// <param name="contents">What <see cref="Snapshot"/> gave, or any object.</param>
    /// <exception cref="ArgumentException">The value is no object, or is nested deeper than <see cref="MaxDepth"/>.</exception>
    public void Restore(RecordValue contents)
    {
        if (contents.Kind != RecordValueKind.Object) throw new ArgumentException("A record is an object.", nameof(contents));
        if (contents.Depth() > MaxDepth) throw new ArgumentException($"A record may be nested {MaxDepth} deep.", nameof(contents));
        var length = LengthOf(contents.Object, contents.MaxLength);
        if (length > MaxBytes) Refuse();
        else (_root, _isOwn, _length) = (contents.Object, false, length);
    }

    /// <summary>Takes back every change since the snapshot, which was this record's and is no longer than it may be.</summary>
    internal void TakeBack(RecordValue snapshot) => (_root, _isOwn, _length) = (snapshot.Object, false, snapshot.MaxLength);

    /// <summary>A record with the same contents for somebody who may keep it: what becomes of it does not touch this one, until <see cref="TakeOver"/>.</summary>
    internal Record Lend()
    {
        _isOwn = false;
        return new Record(_root, isOwn: false, MaxBytes) { _length = _length };
    }

    /// <summary>Becomes what a lent record is by now. What is done to that one later changes it alone.</summary>
    internal void TakeOver(Record lent)
    {
        lent._isOwn = false;
        (_root, _isOwn, _length) = (lent._root, false, lent._length);
    }

    /// <summary>Notes that what would have been written is longer than the record may be.</summary>
    internal void Refuse() => IsTooLarge = true;

    /// <returns>Whether there was a refusal to end.</returns>
    internal bool EndRefusal()
    {
        if (!IsTooLarge) return false;
        IsTooLarge = false;
        return true;
    }

    /// <summary>Writes the record as UTF-8 JSON; what was not changed, as it was written.</summary>
    /// <param name="output">Where to write.</param>
    public void WriteTo(IBufferWriter<byte> output) => Peek().WriteTo(output);

    /// <summary>For a record that may be about to become too long: looks at how long it really is, and takes the change back where it is.</summary>
    private bool TrySetMeasured(FieldPath path, RecordValue value)
    {
        if (CanHold(value.MaxLength))
        {
            var before = Snapshot();
            if (!TryPut(path, value)) return false;
            _length = LengthOf(_root, _root.Measure().Length);
            if (_length <= MaxBytes) return true;
            TakeBack(before);
        }

        Refuse();
        return false;
    }

    /// <param name="atMost">How long the object is at most: at most <see cref="RecordValue.BytesPerCharacter"/> times as long as it is.</param>
    /// <returns>No less than its length; no more than <see cref="MaxBytes"/> where the length is not.</returns>
    private long LengthOf(ObjectNode node, long atMost)
    {
        if (atMost <= MaxBytes || !CanHold(atMost)) return atMost;
        using var counter = new ByteCounter();
        new RecordValue(node).WriteTo(counter);
        return counter.Count;
    }

    private bool TryPut(FieldPath path, RecordValue value)
    {
        if (path.Steps.Length + value.Depth() > MaxDepth) return false;
        var step = path.Steps[0];
        var index = _root.IndexOf(step);
        if (path.Steps.Length > 1)
        {
            var child = index < 0 ? default : _root.Properties[index].Value;
            if (!TryWith(child, path.Steps, 1, value, out value)) return false;
        }

        TakeOwnership();
        if (index < 0) _root.Add(new Property(step, value));
        else _root.Replace(index, value);
        return true;
    }

    private static bool TryWith(RecordValue container, PathSegment[] steps, int at, RecordValue value, out RecordValue result)
    {
        result = value;
        if (at == steps.Length) return true;
        ref readonly var step = ref steps[at];
        switch (container.Kind)
        {
            case RecordValueKind.Absent or RecordValueKind.Null:
                if (!TryWith(default, steps, at + 1, value, out result)) return false;
                var made = new ObjectNode(1);
                made.Add(new Property(step, result));
                result = new RecordValue(made);
                return true;
            case RecordValueKind.Object:
                var node = container.Object;
                var index = node.IndexOf(step);
                if (!TryWith(index < 0 ? default : node.Properties[index].Value, steps, at + 1, value, out result)) return false;
                node = node.Clone(index < 0 ? 1 : 0);
                if (index < 0) node.Add(new Property(step, result));
                else node.Replace(index, result);
                result = new RecordValue(node);
                return true;
            case RecordValueKind.Array:
                var array = container.Array;
                var place = array.IndexOf(step);
                if (place < 0 || !TryWith(array.Items[place], steps, at + 1, value, out result)) return false;
                result = new RecordValue(array.With(place, result));
                return true;
            default:
                return false;
        }
    }

    private static bool TryWithout(RecordValue container, PathSegment[] steps, int at, out RecordValue result)
    {
        result = default;
        var isLast = at == steps.Length - 1;
        switch (container.Kind)
        {
            case RecordValueKind.Object:
                var node = container.Object;
                var index = node.IndexOf(steps[at]);
                if (index < 0 || (!isLast && !TryWithout(node.Properties[index].Value, steps, at + 1, out result))) return false;
                node = node.Clone(0);
                if (isLast) node.RemoveAt(index);
                else node.Replace(index, result);
                result = new RecordValue(node);
                return true;
            case RecordValueKind.Array:
                var array = container.Array;
                var place = array.IndexOf(steps[at]);
                if (place < 0 || (!isLast && !TryWithout(array.Items[place], steps, at + 1, out result))) return false;
                result = new RecordValue(isLast ? array.Without(place) : array.With(place, result));
                return true;
            default:
                return false;
        }
    }

    private void TakeOwnership()
    {
        if (_isOwn) return;
        _root = _root.Clone(4);
        _isOwn = true;
    }

    /// <summary>Counts what is written, and forgets it.</summary>
    private sealed class ByteCounter : IBufferWriter<byte>, IDisposable
    {
        private byte[] _scratch = ArrayPool<byte>.Shared.Rent(4_096);

        internal long Count { get; private set; }

        public void Advance(int count) => Count += count;

        public Memory<byte> GetMemory(int sizeHint = 0)
        {
            if (sizeHint <= _scratch.Length) return _scratch;
            ArrayPool<byte>.Shared.Return(_scratch);
            return _scratch = ArrayPool<byte>.Shared.Rent(sizeHint);
        }

        public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

        public void Dispose() => ArrayPool<byte>.Shared.Return(_scratch);
    }
}
