using System.Globalization;
using DataPipeline.Domain.Processing;
using Jint;
using Jint.Native;
using Jint.Native.Function;
using Jint.Native.Object;
using Jint.Runtime.Descriptors;

namespace DataPipeline.Infrastructure.Processors;

/// <summary>
/// Shows JSON to a script and takes back what the script made of it, for one run of one engine. A property is translated when it is read for the first
/// time; what was never read, and numbers that were only passed on, come back as they were written.
/// </summary>
/// <param name="limits">Bounds what is taken back.</param>
/// <param name="paths">The paths of fields that scripts wrote before, by name; outlives the run.</param>
internal sealed class ScriptValues(Engine engine, ScriptLimits limits, Dictionary<string, FieldPath> paths)
{
    private const int BytesPerValue = 64;
    private const int ValuesBetweenLooks = 256;
    private const int MaxPaths = 256;

    private static readonly JsValue Untouched = new JsString("untouched");

    private readonly Dictionary<JsValue, Origin> _origins = new(ReferenceEqualityComparer.Instance);
    private bool _isTakingBack;
    private long _shown;
    private long _size;
    private long _values;
    private long _allocated;

    internal JsValue ToScript(RecordValue value)
    {
        switch (value.Kind)
        {
            case RecordValueKind.Boolean:
                return value.GetBoolean() ? JsBoolean.True : JsBoolean.False;
            case RecordValueKind.Number:
                return ToNumber(value);
            case RecordValueKind.String:
                return new JsString(value.GetString());
            case RecordValueKind.Array:
                Show(value.Count);
                var array = new JsArray(engine, [.. value.EnumerateArray().Select(ToScript)]);
                _origins.Add(array, new Origin(value, []));
                return array;
            case RecordValueKind.Object:
                Show(value.Count);
                var instance = new JsObject(engine);
                var fields = new Field[value.Count];
                var count = 0;
                foreach (var (name, property) in value.EnumerateObject())
                {
                    var field = fields[count++] = new Field(this, name, property);
                    instance.FastSetProperty(name, PropertyDescriptor.CreateLazy(field, static field => field.Read(), PropertyFlag.ConfigurableEnumerableWritable));
                }

                _origins.Add(instance, new Origin(value, fields));
                return instance;
            default:
                return JsValue.Null;
        }
    }

    /// <summary>Makes the record what the script left; changes nothing where it cannot.</summary>
    /// <exception cref="ScriptResultException">It is no record.</exception>
    internal void TakeBack(PropertyDescriptor result, Record record)
    {
        _isTakingBack = true;
        _allocated = GC.GetAllocatedBytesForCurrentThread();
        if (result.IsAccessorDescriptor()) throw new ScriptResultException("record is a getter or setter; assign its value instead.");
        if (result.Value is not ObjectInstance instance || instance is JsArray or Function) throw new ScriptResultException("The script made something else than an object of record.");
        if (!_origins.TryGetValue(instance, out var origin))
        {
            record.Restore(ToObject(instance, null, "record", 1));
            return;
        }

        List<KeyValuePair<string, RecordValue>>? changes = null;
        var left = 0;
        var isPlain = true;
        foreach (var (key, descriptor) in instance.GetOwnProperties())
        {
            if (ReferenceEquals(descriptor.Value, Untouched)) left++;
            else if (TryTake(key, descriptor, origin, "record", 1, out var name, out var value, out var isChanged))
            {
                if (origin.Find(name) is not null) left++;
                if (isChanged) (changes ??= []).Add(new(name, value));
                isPlain &= name.Length > 0;
            }
        }

        if (left < origin.Fields.Length || !isPlain) record.Restore(ToObject(instance, origin, "record", 1));
        else if (changes is not null) Write(changes, record);
    }

    private void Write(List<KeyValuePair<string, RecordValue>> changes, Record record)
    {
        var before = record.Snapshot();
        if (!changes.TrueForAll(change => record.TrySet(PathOf(change.Key), change.Value))) record.Restore(before);
    }

    private void Show(int values)
    {
        if ((_shown += (long)values * BytesPerValue) > limits.MemoryBytes) throw new ScriptResultException("The script reads more of the record than it may.");
    }

    private FieldPath PathOf(string name)
    {
        if (paths.TryGetValue(name, out var path)) return path;
        path = FieldPath.Of(name);
        if (paths.Count < MaxPaths) paths.Add(name, path);
        return path;
    }

    private JsNumber ToNumber(RecordValue value)
    {
        var text = value.NumberText;
        if (text.Length <= 15 && long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var integer) && (integer != 0 || text.Length == 1)) return JsNumber.Create(integer);
        var number = new JsNumber(double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture));
        _origins.Add(number, new Origin(value, []));
        return number;
    }

    /// <param name="name">The property the value stands in, where it is not an element of an array.</param>
    private RecordValue ToValue(JsValue value, string place, string? name, int depth)
    {
        Count(BytesPerValue);
        switch (value)
        {
            case JsNumber number:
                if (_origins.TryGetValue(number, out var written)) return written.Value;
                return FromNumber(number.AsNumber(), place, name);
            case JsString text:
                Count(text.Length);
                return RecordValue.From(text.ToString());
            case JsBoolean boolean:
                return RecordValue.From(boolean.AsBoolean());
            case JsDate date:
                return double.IsNaN(date.DateValue) ? RecordValue.Null : RecordValue.From(DateTimeOffset.UnixEpoch.AddMilliseconds(date.DateValue));
            case JsArray array:
                return ToArray(array, Within(place, name, depth), depth);
            case Function or JsSymbol or JsUndefined:
                return RecordValue.Absent;
            case ObjectInstance instance:
                _origins.TryGetValue(instance, out var origin);
                return ToObject(instance, origin, Within(place, name, depth), depth);
            case var other when other.IsNull():
                return RecordValue.Null;
            default:
                throw new ScriptResultException($"{PlaceOf(place, name)} is a {value.Type.ToString().ToUpperInvariant()}, which JSON cannot hold.");
        }
    }

    private void Count(long bytes)
    {
        _size += bytes;
        var isTooMuch = _size > limits.MemoryBytes || (++_values % ValuesBetweenLooks == 0 && GC.GetAllocatedBytesForCurrentThread() - _allocated > limits.MemoryBytes);
        if (isTooMuch) throw new ScriptResultException("The script made more of the record than it may.");
    }

    private RecordValue ToArray(JsArray array, string place, int depth)
    {
        Count((long)array.Length * BytesPerValue);
        _origins.TryGetValue(array, out var origin);
        var items = new RecordValue[array.Length];
        var isSame = origin is not null && origin.Value.Count == items.Length;
        for (var i = 0; i < items.Length; i++)
        {
            var item = ToValue(array[(uint)i], place, null, depth + 1);
            if (item.Kind == RecordValueKind.Absent) item = RecordValue.Null;
            if (origin is not null && i < origin.Value.Count && IsSame(item, origin.Value[i])) item = origin.Value[i];
            else isSame = false;
            items[i] = item;
        }

        return isSame ? origin!.Value : RecordValue.FromArray(items);
    }

    private RecordValue ToObject(ObjectInstance instance, Origin? origin, string place, int depth)
    {
        var properties = new List<KeyValuePair<string, RecordValue>>();
        var isSame = origin is not null;
        foreach (var (key, descriptor) in instance.GetOwnProperties())
        {
            if (!TryTake(key, descriptor, origin, place, depth, out var name, out var value, out var isChanged)) continue;
            isSame &= !isChanged;
            properties.Add(new(name, value));
        }

        return isSame && properties.Count == origin!.Fields.Length ? origin.Value : RecordValue.FromObject(properties);
    }

    /// <param name="origin">What the object was, if it came from the record.</param>
    /// <returns>False where the property is none of JSON's.</returns>
    private bool TryTake(JsValue key, PropertyDescriptor descriptor, Origin? origin, string place, int depth, out string name, out RecordValue value, out bool isChanged)
    {
        (name, value, isChanged) = ("", default, false);
        if (key is JsSymbol || !descriptor.Enumerable) return false;
        name = key.ToString();
        var field = origin?.Find(name);
        var left = descriptor.Value;
        if (ReferenceEquals(left, Untouched))
        {
            value = field!.Value;
            return true;
        }

        if (descriptor.IsAccessorDescriptor()) throw new ScriptResultException($"{place}.{name} is a getter or setter; assign its value instead.");
        value = ToValue(left ?? JsValue.Undefined, place, name, depth + 1);
        isChanged = field is null || !IsSame(value, field.Value);
        if (!isChanged) value = field!.Value;
        return value.Kind != RecordValueKind.Absent;
    }

    /// <summary>Whether a value is what the record held, so that it keeps the text it had. Containers that were not changed are the very same.</summary>
    private static bool IsSame(RecordValue made, RecordValue written) => made.Kind == written.Kind && made.Kind switch
    {
        RecordValueKind.Number => made.NumberText.SequenceEqual(written.NumberText) || IsDouble(made, written),
        _ => made.Equals(written),
    };

    private static bool IsDouble(RecordValue made, RecordValue written) =>
        made.NumberText.Length <= 24 && double.Parse(made.NumberText, NumberStyles.Float, CultureInfo.InvariantCulture).Equals(double.Parse(written.NumberText, NumberStyles.Float, CultureInfo.InvariantCulture));

    private static RecordValue FromNumber(double number, string place, string? name)
    {
        if (!double.IsFinite(number)) throw new ScriptResultException(string.Create(CultureInfo.InvariantCulture, $"{PlaceOf(place, name)} is {number}, which JSON cannot hold."));
        return Math.Abs(number) < 1e15 && number == Math.Truncate(number) ? RecordValue.From((long)number) : RecordValue.From(number);
    }

    private static string PlaceOf(string place, string? name) => name is null ? place : $"{place}.{name}";

    private static string Within(string place, string? name, int depth) => depth <= JsonDepth
        ? PlaceOf(place, name)
        : throw new ScriptResultException($"{Shortened(PlaceOf(place, name))} is nested more than {JsonDepth} deep, or holds itself.");

    private static string Shortened(string place) => place.Length <= 100 ? place : $"{place.AsSpan(0, 100)}…";

    private const int JsonDepth = 64;

    /// <summary>What a value of the script was in the record.</summary>
    private sealed class Origin(RecordValue value, Field[] fields)
    {
        private int _next;

        internal RecordValue Value { get; } = value;

        internal Field[] Fields { get; } = fields;

        /// <summary>The field of this name. Quick where they are asked for in order.</summary>
        internal Field? Find(string name)
        {
            for (var i = 0; i < Fields.Length; i++)
            {
                var at = (_next + i) % Fields.Length;
                if (Fields[at].Name != name) continue;
                _next = at + 1;
                return Fields[at];
            }

            return null;
        }
    }

    private sealed class Field(ScriptValues owner, string name, RecordValue value)
    {
        internal string Name { get; } = name;

        internal RecordValue Value { get; } = value;

        internal JsValue Read() => owner._isTakingBack ? Untouched : owner.ToScript(Value);
    }
}

/// <summary>What a script left cannot be a record.</summary>
internal sealed class ScriptResultException(string message) : Exception(message);
