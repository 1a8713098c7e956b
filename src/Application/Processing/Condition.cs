using System.Text.RegularExpressions;
using DataPipeline.Domain.Processing;

namespace DataPipeline.Application.Processing;

/// <summary>What a processor's <c>if</c> asks of a record. Nothing in it can throw. Immutable and thread-safe.</summary>
internal abstract class Condition
{
    internal abstract bool Holds(Record record);
}

internal sealed class AllOf(Condition[] parts) : Condition
{
    internal override bool Holds(Record record)
    {
        foreach (var part in parts)
        {
            if (!part.Holds(record)) return false;
        }

        return true;
    }
}

internal sealed class AnyOf(Condition[] parts) : Condition
{
    internal override bool Holds(Record record)
    {
        foreach (var part in parts)
        {
            if (part.Holds(record)) return true;
        }

        return false;
    }
}

internal sealed class Not(Condition part) : Condition
{
    internal override bool Holds(Record record) => !part.Holds(record);
}

/// <summary>One test on one field.</summary>
/// <param name="test">Sees the field's value, missing ones included.</param>
internal sealed class FieldTest(FieldPath field, Func<RecordValue, bool> test) : Condition
{
    internal override bool Holds(Record record) => test(record.Get(field));
}

/// <summary>The tests a field can be put to. A missing value fails all but the negative ones.</summary>
internal static class FieldTests
{
    internal static Func<RecordValue, bool> EqualTo(RecordValue expected) => value => !value.IsMissing && value.Equals(expected);

    internal static Func<RecordValue, bool> AnyOf(RecordValue[] expected) => value => !value.IsMissing && Array.IndexOf(expected, value) >= 0;

    internal static Func<RecordValue, bool> Negated(Func<RecordValue, bool> test) => value => !test(value);

    internal static Func<RecordValue, bool> Existing(bool expected) => value => value.IsMissing != expected;

    internal static Func<RecordValue, bool> OfKind(RecordValueKind expected) => value => value.Kind == expected;

    internal static Func<RecordValue, bool> Ordered(RecordValue bound, Func<int, bool> accepts) => value =>
    {
        if (value.Kind != bound.Kind) return false;
        if (bound.Kind == RecordValueKind.Number) return accepts(RecordValue.CompareNumbers(value, bound));
        return bound.Kind == RecordValueKind.String && accepts(string.CompareOrdinal(value.GetString(), bound.GetString()));
    };

    internal static Func<RecordValue, bool> Containing(RecordValue part)
    {
        var text = part.Kind == RecordValueKind.String ? part.GetString() : null;
        return value => value.Kind switch
        {
            RecordValueKind.String => text is not null && value.GetString().Contains(text, StringComparison.Ordinal),
            RecordValueKind.Array => value.EnumerateArray().Contains(part),
            _ => false,
        };
    }

    internal static Func<RecordValue, bool> Text(Func<string, bool> accepts) => value => value.Kind == RecordValueKind.String && accepts(value.GetString());

    internal static Func<RecordValue, bool> Matching(Regex pattern) => Text(text => IsMatch(pattern, text));

    /// <summary>A match that takes too long is none: nothing in a condition can fail a record.</summary>
    private static bool IsMatch(Regex pattern, string text)
    {
        try
        {
            return pattern.IsMatch(text);
        }
        catch (RegexMatchTimeoutException)
        {
            return false;
        }
    }
}
