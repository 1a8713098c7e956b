using System.ComponentModel;
using DataPipeline.Domain.Processing;

namespace DataPipeline.Infrastructure.Processors;

internal sealed record DotExpanderOptions : IValidatedOptions
{
    [Description("The name with dots to expand, or * for every one.")]
    public required string Field { get; init; }

    [Description("The object it stands in; the record itself unless told.")]
    public FieldPath? Path { get; init; }

    [Description("Whether the expanded value replaces one that is there already; if not, both stand in an array.")]
    public bool Override { get; init; }

    public IEnumerable<OptionProblem> Validate()
    {
        if (Field != "*" && !DotExpanderProcessor.CanExpand(Field)) yield return new OptionProblem("field", "INVALID_VALUE", $"\"{Field}\" has no dot between two names, so there is nothing to expand.");
    }
}

[Processor("dotExpander", "1.0", Description = "Makes objects of names with dots.")]
[Example("""{ "type": "dotExpander", "options": { "field": "customer.name" } }""", Record = """{ "customer.name": "Ada" }""")]
internal sealed class DotExpanderProcessor(DotExpanderOptions options) : IProcessor
{
    private readonly IReadOnlyList<string> _path = options.Path?.Segments ?? [];

    public ProcessorResult Process(Record record, ProcessorContext context)
    {
        if (options.Field != "*") return Expand(record, options.Field);
        var parent = options.Path is null ? record.Root : record.Get(options.Path);
        foreach (var (name, _) in parent.EnumerateObject())
        {
            if (CanExpand(name) && Expand(record, name) is { Outcome: ProcessorOutcome.Fail } failure) return failure;
        }

        return ProcessorResult.Continue;
    }

    internal static bool CanExpand(string name) => name.Contains('.', StringComparison.Ordinal) && name.Split('.') is { Length: <= FieldPath.MaxSegments / 2 } parts && !parts.Contains("");

    private ProcessorResult Expand(Record record, string name)
    {
        var source = FieldPath.Of([.. _path, name]);
        var value = record.Get(source);
        if (value.Kind == RecordValueKind.Absent) return ProcessorResult.Continue;
        var target = FieldPath.Of([.. _path, .. name.Split('.')]);
        var present = record.Get(target);
        if (!options.Override && present.Kind != RecordValueKind.Absent)
            value = RecordValue.FromArray(present.Kind == RecordValueKind.Array ? [.. present.EnumerateArray(), value] : [present, value]);
        record.Remove(source);
        return record.TrySet(target, value) ? ProcessorResult.Continue : Failures.InvalidPath(target);
    }
}
