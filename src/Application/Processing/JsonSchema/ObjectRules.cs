using System.Text;
using DataPipeline.Domain.Processing;

namespace DataPipeline.Application.Processing.JsonSchema;

/// <summary>What is known of a property by its name.</summary>
/// <param name="Schema">Its schema under <c>properties</c>, if there is one.</param>
/// <param name="IsRequired">Whether <c>required</c> names it.</param>
/// <param name="Place">Its place among the known properties of the schema.</param>
internal readonly record struct KnownProperty(SchemaNode? Schema, bool IsRequired, int Place);

/// <summary><c>properties</c>, <c>patternProperties</c>, <c>additionalProperties</c> and <c>required</c>.</summary>
internal sealed class PropertiesRule(Utf8Map<KnownProperty> known, (EcmaPattern Pattern, SchemaNode Schema)[] patterns, SchemaNode? additional) : Rule
{
    private readonly int _required = known.Values.Count(property => property.Value.IsRequired);
    private readonly (byte[] Name, KnownProperty Property)[] _inOrder = [.. known.Values.Select(entry => (entry.Key, entry.Value)).OrderBy(entry => entry.Value.Place)];

    internal override bool AppliesTo(RecordValueKind kind) => kind == RecordValueKind.Object;

    internal override bool Check(Evaluation evaluation, int token)
    {
        var tape = evaluation.Tape;
        if (!evaluation.Spend(tape[token].Count)) return false;
        var end = tape[token].Next;
        var valid = true;
        var found = 0;
        var next = 0;
        for (var name = token + 1; name < end; name = tape[name + 1].Next)
        {
            var property = Find(tape.TextOf(name), ref next);
            if (property.IsRequired) found++;
            valid &= CheckProperty(evaluation, name, property.Schema);
            if (!valid && (!evaluation.Collects || evaluation.IsOver)) return false;
        }

        return found == _required ? valid : FailRequired(evaluation, token);
    }

    /// <summary>Looks first at the property behind the last one that was found: most records have theirs in the order of the schema.</summary>
    private KnownProperty Find(ReadOnlySpan<byte> name, ref int next)
    {
        if (next < _inOrder.Length && name.SequenceEqual(_inOrder[next].Name)) return _inOrder[next++].Property;
        if (known.TryGet(name, out var property)) next = property.Place + 1;
        return property;
    }

    private bool CheckProperty(Evaluation evaluation, int name, SchemaNode? schema)
    {
        var isNamed = schema is not null;
        var valid = schema?.Check(evaluation, name + 1) ?? true;
        foreach (var (pattern, patternSchema) in patterns)
        {
            if (!evaluation.Matches(pattern, name)) continue;
            isNamed = true;
            valid &= patternSchema.Check(evaluation, name + 1);
        }

        return isNamed || additional is null ? valid : additional.Check(evaluation, name + 1);
    }

    private bool FailRequired(Evaluation evaluation, int token)
    {
        if (!evaluation.Collects) return false;
        foreach (var (name, property) in known.Values)
        {
            if (!property.IsRequired || evaluation.Has(token, name)) continue;
            if (evaluation.IsOver) break;
            var missing = Encoding.UTF8.GetString(name);
            evaluation.Fail(token, "required", $"an object with the property \"{JsonTape.Cut(missing)}\"", missing);
        }

        return false;
    }
}

/// <summary><c>dependentRequired</c>.</summary>
internal sealed class DependentRequiredRule((byte[] Trigger, byte[][] Required)[] dependencies) : Rule
{
    internal override bool AppliesTo(RecordValueKind kind) => kind == RecordValueKind.Object;

    internal override bool Check(Evaluation evaluation, int token)
    {
        var valid = true;
        foreach (var (trigger, required) in dependencies)
        {
            if (!evaluation.Has(token, trigger)) continue;
            foreach (var name in required)
            {
                if (evaluation.Has(token, name)) continue;
                if (!evaluation.Collects) return false;
                var missing = Encoding.UTF8.GetString(name);
                valid = evaluation.Fail(token, "dependentRequired", $"an object with the property \"{JsonTape.Cut(missing)}\", because it has \"{JsonTape.Cut(Encoding.UTF8.GetString(trigger))}\"", missing);
            }
        }

        return valid;
    }
}

/// <summary><c>propertyNames</c>.</summary>
internal sealed class PropertyNamesRule(SchemaNode schema) : Rule
{
    internal override bool AppliesTo(RecordValueKind kind) => kind == RecordValueKind.Object;

    internal override bool Check(Evaluation evaluation, int token)
    {
        var tape = evaluation.Tape;
        var valid = true;
        for (var name = token + 1; name < tape[token].Next; name = tape[name + 1].Next)
        {
            valid &= schema.Check(evaluation, name);
            if (!valid && (!evaluation.Collects || evaluation.IsOver)) return false;
        }

        return valid;
    }
}
