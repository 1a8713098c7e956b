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
    private int _maxBytes;

    protected FieldPath Field { get; } = options.Field;

    /// <summary>How many characters may still be made of the present record's value: what is longer would be refused, so it need not be made.</summary>
    protected int Room { get; set; }

    protected ProcessorResult TooLarge => ProcessorResult.TooLarge(_maxBytes);

    public ProcessorResult Process(Record record, ProcessorContext context)
    {
        var value = record.Get(Field);
        if (value.IsMissing) return options.IgnoreMissing ? ProcessorResult.Continue : Failures.Missing(Field);
        Room = _maxBytes = record.MaxBytes;
        var result = Change(ref value, context);
        if (result.Outcome != ProcessorOutcome.Continue) return result;
        return record.Write(_target, value);
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
    protected sealed override ProcessorResult Change(ref RecordValue value, ProcessorContext context) => ChangeEach(ref value, this, static (ref RecordValue element, TextProcessor self) =>
    {
        if (element.Kind != RecordValueKind.String) return Failures.WrongType(self.Field, element, "a string");
        try
        {
            return self.ChangeText(ref element);
        }
        catch (RegexMatchTimeoutException)
        {
            return Failures.TooSlow(self.Field, element);
        }
    });

    /// <param name="text">A string; to be replaced by what is made of it.</param>
    protected abstract ProcessorResult ChangeText(ref RecordValue text);
}

/// <summary>Reads one text and writes what it finds in it to several fields.</summary>
internal abstract class ParsingProcessor(FieldPath field, bool ignoreMissing) : IProcessor
{
    protected FieldPath Field { get; } = field;

    public ProcessorResult Process(Record record, ProcessorContext context)
    {
        var value = record.Get(Field);
        if (value.IsMissing) return ignoreMissing ? ProcessorResult.Continue : Failures.Missing(Field);
        if (value.Kind != RecordValueKind.String) return Failures.WrongType(Field, value, "a string");
        try
        {
            return Parse(value, record);
        }
        catch (RegexMatchTimeoutException)
        {
            return Failures.TooSlow(Field, value);
        }
    }

    /// <param name="text">A string.</param>
    protected abstract ProcessorResult Parse(RecordValue text, Record record);
}
