using System.ComponentModel;
using DataPipeline.Domain.Processing;

namespace DataPipeline.Infrastructure.Processors;

internal sealed record RemoveOptions : IValidatedOptions
{
    [Description("The fields to remove.")]
    [OneOrMany]
    public IReadOnlyList<FieldPath>? Field { get; init; }

    [Description("The fields to keep; everything else is removed.")]
    [OneOrMany]
    public IReadOnlyList<FieldPath>? Keep { get; init; }

    [Description("Whether fields that are not there are passed over, instead of failing.")]
    public bool IgnoreMissing { get; init; }

    public IEnumerable<OptionProblem> Validate()
    {
        if (Field is null && Keep is null) yield return new OptionProblem("field", "REQUIRED", "field or keep is required.");
        if (Field is not null && Keep is not null) yield return new OptionProblem("keep", "INVALID_VALUE", "field and keep exclude each other.");
        if (Field is []) yield return new OptionProblem("field", "REQUIRED", "field must not be empty.");
        if (Keep is []) yield return new OptionProblem("keep", "REQUIRED", "keep must not be empty.");
    }
}

[Processor("remove", "1.0", Description = "Removes fields, or all fields but some.", IsAtomic = true)]
[Example("""{ "type": "remove", "options": { "field": ["password", "session"], "ignoreMissing": true } }""", Record = """{ "user": "ada", "password": "secret" }""")]
internal sealed class RemoveProcessor(RemoveOptions options) : IProcessor
{
    private readonly Branch? _kept = options.Keep is { } keep ? Branch.Of(keep) : null;

    public ProcessorResult Process(Record record, ProcessorContext context)
    {
        if (_kept is not null)
        {
            record.Restore(_kept.Prune(record.Root));
            return ProcessorResult.Continue;
        }

        var before = options.Field is [_] || options.IgnoreMissing ? default : record.Snapshot();
        foreach (var field in options.Field!)
        {
            if (record.Remove(field) || options.IgnoreMissing) continue;
            if (before.Kind != RecordValueKind.Absent) record.Restore(before);
            return Failures.Missing(field);
        }

        return ProcessorResult.Continue;
    }

    /// <summary>The fields to keep as a tree; a branch without branches is kept whole.</summary>
    private sealed class Branch
    {
        private readonly Dictionary<string, Branch> _branches = new(StringComparer.Ordinal);
        private bool _isWhole;

        internal static Branch Of(IEnumerable<FieldPath> paths)
        {
            var root = new Branch();
            foreach (var path in paths)
            {
                var branch = root;
                foreach (var segment in path.Segments)
                {
                    if (!branch._branches.TryGetValue(segment, out var next)) branch._branches.Add(segment, next = new Branch());
                    branch = next;
                }

                branch._isWhole = true;
            }

            return root;
        }

        internal RecordValue Prune(RecordValue value)
        {
            if (_isWhole) return value;
            return value.Kind == RecordValueKind.Object
                ? RecordValue.FromObject(Kept(value.EnumerateObject()))
                : RecordValue.FromArray([.. Kept(value.EnumerateArray().Select((item, index) => new KeyValuePair<string, RecordValue>($"{index}", item))).Select(pair => pair.Value)]);
        }

        private IEnumerable<KeyValuePair<string, RecordValue>> Kept(IEnumerable<KeyValuePair<string, RecordValue>> children)
        {
            foreach (var (name, child) in children)
            {
                if (!_branches.TryGetValue(name, out var branch)) continue;
                if (branch._isWhole || child.Kind is RecordValueKind.Object or RecordValueKind.Array) yield return new(name, branch.Prune(child));
            }
        }
    }
}
