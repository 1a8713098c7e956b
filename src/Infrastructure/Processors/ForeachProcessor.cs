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

    public async ValueTask<ProcessorResult> ProcessAsync(Record record, ProcessorContext context, CancellationToken cancellationToken)
    {
        var collection = record.Get(options.Field);
        if (collection.IsMissing) return options.IgnoreMissing ? ProcessorResult.Continue : Failures.Missing(options.Field);
        if (collection.Kind is not (RecordValueKind.Array or RecordValueKind.Object)) return Failures.WrongType(options.Field, collection, "an array or an object");
        var place = collection.Kind == RecordValueKind.Array ? Index : Key;
        var (outerValue, outerPlace) = (record.Get(Value), record.Get(place));
        var processed = new List<KeyValuePair<string, RecordValue>>();
        var result = ProcessorResult.Continue;
        options.Processor.Begin();
        foreach (var (position, element) in ElementsOf(collection))
        {
            if (result.Outcome == ProcessorOutcome.Terminate)
            {
                processed.Add(new(position.ToText(), element));
                continue;
            }

            Put(record, place, position);
            Put(record, Value, element);
            result = await options.Processor.ProcessAsync(record, context, cancellationToken);
            if (result.Outcome == ProcessorOutcome.Drop) break;
            if (result.Outcome != ProcessorOutcome.Fail && Take(record, place, processed) is { Outcome: ProcessorOutcome.Fail } badKey) result = badKey;
            if (result.Outcome == ProcessorOutcome.Fail) return InTermsOfTheRecord(result, position);
        }

        Put(record, Value, outerValue);
        Put(record, place, outerPlace);
        if (result.Outcome == ProcessorOutcome.Drop) return result;
        var made = place == Index ? RecordValue.FromArray([.. processed.Select(element => element.Value)]) : RecordValue.FromObject(processed);
        return record.Write(options.Field, made) is { Outcome: ProcessorOutcome.Fail } failure ? failure : result;
    }

    public void Dispose() => options.Processor.Dispose();

    private static IEnumerable<(RecordValue Position, RecordValue Element)> ElementsOf(RecordValue collection) => collection.Kind == RecordValueKind.Array
        ? collection.EnumerateArray().Select((element, index) => (RecordValue.From(index), element))
        : collection.EnumerateObject().Select(property => (RecordValue.From(property.Key), property.Value));

    /// <summary>An element is never deeper in the record as one of its fields than where it comes from, so that it always fits.</summary>
    private static void Put(Record record, FieldPath field, RecordValue value)
    {
        if (value.Kind == RecordValueKind.Absent) record.Remove(field);
        else record.TrySet(field, value);
    }

    /// <summary>Takes what has become of the element; one whose value or key is gone is left out.</summary>
    private static ProcessorResult Take(Record record, FieldPath place, List<KeyValuePair<string, RecordValue>> processed)
    {
        var value = record.Get(Value);
        var key = place == Index ? RecordValue.From("") : record.Get(Key);
        if (value.Kind == RecordValueKind.Absent || key.IsMissing) return ProcessorResult.Continue;
        if (key.Kind != RecordValueKind.String) return Failures.WrongType(Key, key, "a string");
        processed.Add(new(key.GetString(), value));
        return ProcessorResult.Continue;
    }

    /// <summary>Says which element it is about: to the record, it has no field of the name that the inner processor knows.</summary>
    private ProcessorResult InTermsOfTheRecord(ProcessorResult failure, RecordValue position)
    {
        var element = JsonPointer.Append(options.Field.ToJsonPointer(), position.ToText());
        return ProcessorResult.Fail(failure.Code!, $"{options.Field}[{Failures.Show(position)}]: {failure.Message}", [.. failure.Details.Select(detail => IsWithinValue(detail.Field) ? detail with { Field = element + detail.Field[ValuePointer.Length..] } : detail)]);
    }

    private static bool IsWithinValue(string pointer) => pointer == ValuePointer || pointer.StartsWith($"{ValuePointer}/", StringComparison.Ordinal);
}
