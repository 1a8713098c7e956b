using DataPipeline.Domain.Processing;

namespace DataPipeline.Application.Processing.JsonSchema;

/// <summary><c>type</c>.</summary>
internal sealed class TypeRule(IReadOnlyCollection<RecordValueKind> kinds, bool allowsInteger, string expected) : Rule
{
    private readonly int _kinds = kinds.Aggregate(0, (mask, kind) => mask | 1 << (int)kind);

    /// <summary>Not to what is of a right type anyway.</summary>
    internal override bool AppliesTo(RecordValueKind kind) => (_kinds & 1 << (int)kind) == 0;

    internal override bool Check(Evaluation evaluation, int token) =>
        (allowsInteger && evaluation.Tape[token].Kind == RecordValueKind.Number && evaluation.Tape.NumberOf(token).IsInteger) || evaluation.Fail(token, "type", expected);
}

/// <summary><c>enum</c> and <c>const</c>.</summary>
internal sealed class EnumRule : Rule
{
    private const int FewEnoughToCompareEach = 4;

    private readonly JsonTape _values;
    private readonly int[] _places;
    private readonly Dictionary<int, int[]>? _placesByHash;
    private readonly string _keyword;
    private readonly string _expected;

    /// <param name="values">A tape of its own, with the allowed values.</param>
    /// <param name="places">Their tokens.</param>
    internal EnumRule(JsonTape values, int[] places, string keyword, string expected)
    {
        (_values, _places, _keyword, _expected) = (values, places, keyword, expected);
        if (places.Length > FewEnoughToCompareEach) _placesByHash = places.GroupBy(values.HashOf).ToDictionary(group => group.Key, group => group.ToArray());
    }

    internal override bool AppliesTo(RecordValueKind kind) => true;

    internal override bool Check(Evaluation evaluation, int token)
    {
        // Once for the hash, or to compare it with the few.
        if (!evaluation.Spend(evaluation.Tape.WorkOf(token))) return false;
        var candidates = _places;
        if (_placesByHash is not null && !_placesByHash.TryGetValue(evaluation.Tape.HashOf(token), out candidates)) candidates = [];
        foreach (var place in candidates!)
        {
            if (JsonTape.AreEqual(evaluation.Tape, token, _values, place)) return true;
        }

        return evaluation.Fail(token, _keyword, _expected);
    }
}

/// <summary>How a number compares with the limit of a keyword.</summary>
internal delegate bool NumberTest(ExactNumber number, ExactNumber limit);

/// <summary><c>minimum</c> and its like, and <c>multipleOf</c>.</summary>
/// <param name="stepsPerDigit">What the test costs for each digit of a long number.</param>
internal sealed class NumberRule(byte[] limit, NumberTest test, double stepsPerDigit, string keyword, string expected) : Rule
{
    private const int ShortEnoughToCostNothing = 64;

    internal override bool AppliesTo(RecordValueKind kind) => kind == RecordValueKind.Number;

    internal override bool Check(Evaluation evaluation, int token)
    {
        var digits = evaluation.Tape.TextOf(token).Length + limit.Length;
        if (digits > ShortEnoughToCostNothing && !evaluation.Spend((long)(digits * stepsPerDigit))) return false;
        return test(evaluation.Tape.NumberOf(token), ExactNumber.Parse(limit)) || evaluation.Fail(token, keyword, expected);
    }
}

/// <summary><c>minLength</c> and <c>maxLength</c>, in code points.</summary>
internal sealed class LengthRule(long least, long most, string keyword, string expected) : Rule
{
    internal override bool AppliesTo(RecordValueKind kind) => kind == RecordValueKind.String;

    internal override bool Check(Evaluation evaluation, int token)
    {
        var text = evaluation.Tape.TextOf(token);

        // A code point takes one to four bytes.
        if ((text.Length + 3) / 4 >= least && text.Length <= most) return true;
        if (!evaluation.Spend(text.Length / 16)) return false;
        long length = 0;
        foreach (var b in text) length += (b & 0xC0) == 0x80 ? 0 : 1;
        return (length >= least && length <= most) || evaluation.Fail(token, keyword, expected);
    }
}

/// <summary><c>pattern</c>.</summary>
internal sealed class PatternRule(EcmaPattern pattern, string expected) : Rule
{
    internal override bool AppliesTo(RecordValueKind kind) => kind == RecordValueKind.String;

    internal override bool Check(Evaluation evaluation, int token) => evaluation.Matches(pattern, token) || evaluation.Fail(token, "pattern", expected);
}

/// <summary><c>format</c>.</summary>
internal sealed class FormatRule(StringFormat format, string expected) : Rule
{
    internal override bool AppliesTo(RecordValueKind kind) => kind == RecordValueKind.String;

    internal override bool Check(Evaluation evaluation, int token)
    {
        var text = evaluation.Tape.TextOf(token);
        return evaluation.Spend(text.Length / 16) && (format(text) || evaluation.Fail(token, "format", expected));
    }
}

/// <summary>How many elements an array or properties an object has.</summary>
internal sealed class CountRule(RecordValueKind container, long least, long most, string keyword, string expected) : Rule
{
    internal override bool AppliesTo(RecordValueKind kind) => kind == container;

    internal override bool Check(Evaluation evaluation, int token) =>
        (evaluation.Tape[token].Count >= least && evaluation.Tape[token].Count <= most) || evaluation.Fail(token, keyword, expected);
}
