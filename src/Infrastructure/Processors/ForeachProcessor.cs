using System.ComponentModel;
using DataPipeline.Application.Processing;
using DataPipeline.Domain.Processing;

namespace DataPipeline.Infrastructure.Processors;

internal sealed record ForeachOptions
{
    [Description("The array or object to go through.")]
    public required FieldPath Field { get; init; }

    [Description("The processor that is run on each element. Its fields are those of the record, and the element is value, its place index (in an array) or key (in an object).")]
    public required InnerProcessor Processor { get; init; }

    [Description("Whether nothing is done, instead of failing, where the field is missing.")]
    public bool IgnoreMissing { get; init; }
}

/// <summary>
/// The element stands in the record, where a field of that name is put aside meanwhile: so the inner processor needs to know nothing of the loop.
/// The array or object itself stays as it was until the end.
/// </summary>
[Processor("foreach", "1.0", Description = "Runs a processor on each element of an array or object.")]
[Example(
    """{ "type": "foreach", "options": { "field": "items", "processor": { "type": "uppercase", "options": { "field": "value.sku" } } } }""",
    Record = """{ "items": [ { "sku": "a-1", "quantity": 2 }, { "sku": "b-7", "quantity": 1 } ] }""")]
internal sealed class ForeachProcessor(ForeachOptions options) : IAsyncProcessor, IDisposable
{
    private const string ValuePointer = "/value";

    private static readonly FieldPath Value = FieldPath.Of("value");
    private static readonly FieldPath Index = FieldPath.Of("index");
    private static readonly FieldPath Key = FieldPath.Of("key");

    /// <summary>Made once: most arrays are short.</summary>
    private static readonly RecordValue[] FirstIndexes = [.. Enumerable.Range(0, 64).Select(index => RecordValue.From(index))];

    public async ValueTask<ProcessorResult> ProcessAsync(Record record, ProcessorContext context, CancellationToken cancellationToken)
    {
        var collection = record.Get(options.Field);
        if (collection.IsMissing) return options.IgnoreMissing ? ProcessorResult.Continue : Failures.Missing(options.Field);
        if (collection.Kind is not (RecordValueKind.Array or RecordValueKind.Object)) return Failures.WrongType(options.Field, collection, "an array or an object");
        options.Processor.Begin();
        var elements = new Elements(collection);
        var (outerValue, outerPlace) = (record.Get(Value), record.Get(elements.Place));
        var result = ProcessorResult.Continue;
        while (result.Outcome == ProcessorOutcome.Continue && elements.MoveNext())
        {
            Put(record, elements.Place, elements.Position);
            Put(record, Value, elements.Current);
            result = await options.Processor.ProcessAsync(record, context, cancellationToken);
            if (result.Outcome is ProcessorOutcome.Continue or ProcessorOutcome.Terminate && elements.Take(record) is { Outcome: ProcessorOutcome.Fail } badKey) result = badKey;
            if (result.Outcome == ProcessorOutcome.Fail) return InTermsOfTheRecord(result, elements.Position);
            if (!record.CanHold(elements.TakenLength)) return ProcessorResult.TooLarge(record.MaxBytes);
        }

        Put(record, Value, outerValue);
        Put(record, elements.Place, outerPlace);
        if (result.Outcome == ProcessorOutcome.Drop) return result;
        return record.Write(options.Field, elements.Rebuild()) is { Outcome: ProcessorOutcome.Fail } failure ? failure : result;
    }

    public void Dispose() => options.Processor.Dispose();

    /// <summary>An element is never deeper in the record as one of its fields than where it comes from, so that it always fits.</summary>
    private static void Put(Record record, FieldPath field, RecordValue value)
    {
        if (value.Kind == RecordValueKind.Absent) record.Remove(field);
        else record.TrySet(field, value);
    }

    /// <summary>Says which element it is about: to the record, it has no field of the name that the inner processor knows.</summary>
    private ProcessorResult InTermsOfTheRecord(ProcessorResult failure, RecordValue position)
    {
        var element = JsonPointer.Append(options.Field.ToJsonPointer(), position.ToText());
        return ProcessorResult.Fail(failure.Code!, $"{options.Field}[{Failures.Show(position)}]: {failure.Message}", [.. failure.Details.Select(detail => IsWithinValue(detail.Field) ? detail with { Field = element + detail.Field[ValuePointer.Length..] } : detail)]);
    }

    private static bool IsWithinValue(string pointer) => pointer == ValuePointer || pointer.StartsWith($"{ValuePointer}/", StringComparison.Ordinal);

    /// <summary>The elements of one array or object; those that were processed give way to what has become of them.</summary>
    private sealed class Elements
    {
        private readonly RecordValue[] _values;

        /// <summary><c>null</c> for an array.</summary>
        private readonly string[]? _keys;
        private int _next;
        private int _kept;

        internal Elements(RecordValue collection)
        {
            if (collection.Kind == RecordValueKind.Array)
            {
                _values = [.. collection.EnumerateArray()];
                return;
            }

            var properties = collection.EnumerateObject().ToArray();
            _values = Array.ConvertAll(properties, property => property.Value);
            _keys = Array.ConvertAll(properties, property => property.Key);
        }

        /// <summary>How long what was taken is, in bytes at most.</summary>
        internal long TakenLength { get; private set; }

        internal FieldPath Place => _keys is null ? Index : Key;

        internal RecordValue Current => _values[_next - 1];

        internal RecordValue Position =>
            _keys is not null ? RecordValue.From(_keys[_next - 1]) : _next <= FirstIndexes.Length ? FirstIndexes[_next - 1] : RecordValue.From(_next - 1);

        internal bool MoveNext()
        {
            if (_next == _values.Length) return false;
            _next++;
            return true;
        }

        /// <summary>Takes what has become of the element; one whose value or key is gone is left out.</summary>
        internal ProcessorResult Take(Record record)
        {
            var value = record.Get(Value);
            if (value.Kind == RecordValueKind.Absent) return ProcessorResult.Continue;
            if (_keys is not null)
            {
                var key = record.Get(Key);
                if (key.IsMissing) return ProcessorResult.Continue;
                if (key.Kind != RecordValueKind.String) return Failures.WrongType(Key, key, "a string");
                _keys[_kept] = key.GetString();
            }

            _values[_kept++] = value;
            TakenLength += value.MaxLength;
            return ProcessorResult.Continue;
        }

        /// <summary>What was taken, and behind it the elements that the loop did not come to.</summary>
        internal RecordValue Rebuild()
        {
            var left = _values.Length - _next;
            Array.Copy(_values, _next, _values, _kept, left);
            if (_keys is null) return RecordValue.FromArray(_values.AsSpan(0, _kept + left));
            Array.Copy(_keys, _next, _keys, _kept, left);
            return RecordValue.FromObject(_keys.Zip(_values, KeyValuePair.Create).Take(_kept + left));
        }
    }
}
