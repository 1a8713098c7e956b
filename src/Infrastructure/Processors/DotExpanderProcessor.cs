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
    private readonly Expansion? _only = options.Field == "*" ? null : new Expansion(options.Path?.Segments ?? [], options.Field);

    public ProcessorResult Process(Record record, ProcessorContext context)
    {
        if (_only is not null) return Expand(record, _only);
        var parent = options.Path is null ? record.Root : record.Get(options.Path);
        foreach (var (name, _) in parent.EnumerateObject())
        {
            if (CanExpand(name) && Expand(record, new Expansion(_path, name)) is { Outcome: ProcessorOutcome.Fail } failure) return failure;
        }

        return ProcessorResult.Continue;
    }

    internal static bool CanExpand(string name) => name.Contains('.', StringComparison.Ordinal) && name.Split('.') is { Length: <= FieldPath.MaxSegments / 2 } parts && !parts.Contains("");

    private ProcessorResult Expand(Record record, Expansion expansion)
    {
        var value = record.Get(expansion.Source);
        if (value.Kind == RecordValueKind.Absent) return ProcessorResult.Continue;
        var present = record.Get(expansion.Target);
        if (!options.Override && !present.IsMissing) value = RecordValue.FromArray([.. ElementsOf(present), .. ElementsOf(value)]);
        record.Remove(expansion.Source);
        return record.Write(expansion.Target, value);
    }

    private static IEnumerable<RecordValue> ElementsOf(RecordValue value) => value.Kind == RecordValueKind.Array ? value.EnumerateArray() : [value];

    /// <summary>Where a name with dots stands, and where its value belongs.</summary>
    private sealed class Expansion(IReadOnlyList<string> path, string name)
    {
        internal FieldPath Source { get; } = FieldPath.Of([.. path, name]);

        internal FieldPath Target { get; } = FieldPath.Of([.. path, .. name.Split('.')]);
    }
}
