using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using DataPipeline.Domain.Processing;

namespace DataPipeline.Samples.Plugin;

/// <summary>Options of <c>mask</c>.</summary>
public sealed record MaskOptions : IValidatedOptions
{
    /// <summary>The field to mask.</summary>
    [Description("The field to mask.")]
    public required FieldPath Field { get; init; }

    /// <summary>How many characters at the end stay readable.</summary>
    [Description("How many characters at the end stay readable.")]
    [Range(0, 100)]
    public int Keep { get; init; } = 4;

    /// <summary>What stands for each of the others: one character.</summary>
    [Description("What stands for each of the others: one character.")]
    public string With { get; init; } = "*";

    /// <summary>Whether nothing is done, instead of failing, where the field is missing.</summary>
    [Description("Whether nothing is done, instead of failing, where the field is missing.")]
    public bool IgnoreMissing { get; init; }

    /// <inheritdoc/>
    public IEnumerable<OptionProblem> Validate()
    {
        if (With.Length != 1) yield return new OptionProblem("with", "INVALID_VALUE", "with must be one character.");
    }
}

/// <summary>Hides all of a text but its end. It fails before it changes anything, so it is atomic.</summary>
[Processor("mask", "1.0", Description = "Hides all of a text but its end.", IsAtomic = true)]
[Example("""{ "type": "mask", "options": { "field": "card", "keep": 4 } }""", Record = """{ "card": "4111111111111111" }""")]
public sealed class MaskProcessor(MaskOptions options) : IProcessor
{
    /// <inheritdoc/>
    public ProcessorResult Process(Record record, ProcessorContext context)
    {
        ArgumentNullException.ThrowIfNull(record);
        var value = record.Get(options.Field);
        if (value.IsMissing) return options.IgnoreMissing ? ProcessorResult.Continue : ProcessorResult.Fail("FIELD_MISSING", $"{options.Field} is missing.");
        if (value.Kind != RecordValueKind.String) return ProcessorResult.Fail("TYPE_MISMATCH", $"{options.Field}: {value} is not a string");
        var text = value.GetString();
        var hidden = Math.Max(0, text.Length - options.Keep);
        return record.TrySet(options.Field, RecordValue.From(new string(options.With[0], hidden) + text[hidden..]))
            ? ProcessorResult.Continue
            : ProcessorResult.Fail("INVALID_PATH", $"{options.Field} cannot be written.");
    }
}
