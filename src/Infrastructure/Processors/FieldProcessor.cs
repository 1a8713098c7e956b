using System.ComponentModel;
using System.Text.RegularExpressions;
using DataPipeline.Domain.Processing;

namespace DataPipeline.Infrastructure.Processors;

/// <summary>Options of a processor that reads a field and writes what it made of it.</summary>
internal record FieldOptions
{
    [Description("The field to read.")]
    public required FieldPath Field { get; init; }

    [Description("The field to write; the one that is read unless told.")]
    public FieldPath? TargetField { get; init; }

    [Description("Whether nothing is done, instead of failing, where the field is missing.")]
    public bool IgnoreMissing { get; init; }
}

/// <summary>Reads a field, makes another value of it and writes that in its last step.</summary>
internal abstract class FieldProcessor(FieldOptions options) : IProcessor
{
    private readonly FieldPath _target = options.TargetField ?? options.Field;

    protected FieldPath Field { get; } = options.Field;

    public ProcessorResult Process(Record record, ProcessorContext context)
    {
        var value = record.Get(Field);
        if (value.IsMissing) return options.IgnoreMissing ? ProcessorResult.Continue : Failures.Missing(Field);
        var result = Change(ref value, context);
        if (result.Outcome != ProcessorOutcome.Continue) return result;
        return record.TrySet(_target, value) ? ProcessorResult.Continue : Failures.InvalidPath(_target);
    }

    /// <param name="value">What stands in the field; to be replaced by what is to stand in the target.</param>
    protected abstract ProcessorResult Change(ref RecordValue value, ProcessorContext context);

    /// <summary>Changes the value itself or, of an array, each element.</summary>
    protected static ProcessorResult ChangeEach<TState>(ref RecordValue value, TState state, ElementChange<TState> change)
    {
        if (value.Kind != RecordValueKind.Array) return change(ref value, state);
        var items = value.EnumerateArray().ToArray();
        for (var i = 0; i < items.Length; i++)
        {
            var result = change(ref items[i], state);
            if (result.Outcome != ProcessorOutcome.Continue) return result;
        }

        value = RecordValue.FromArray(items);
        return ProcessorResult.Continue;
    }

    protected delegate ProcessorResult ElementChange<in TState>(ref RecordValue element, TState state);
}

/// <summary>Changes text, or each text of an array.</summary>
internal abstract class TextProcessor(FieldOptions options) : FieldProcessor(options)
{
    protected sealed override ProcessorResult Change(ref RecordValue value, ProcessorContext context)
    {
        try
        {
            return ChangeEach(ref value, this, static (ref RecordValue element, TextProcessor self) =>
                element.Kind == RecordValueKind.String ? self.ChangeText(ref element) : Failures.WrongType(self.Field, element, "a string"));
        }
        catch (RegexMatchTimeoutException)
        {
            return Failures.TooSlow(Field, value);
        }
    }

    /// <param name="text">A string; to be replaced by what is made of it.</param>
    protected abstract ProcessorResult ChangeText(ref RecordValue text);
}
