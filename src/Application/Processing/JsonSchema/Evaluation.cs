using System.Text;
using System.Text.RegularExpressions;
using DataPipeline.Domain.Processing;

namespace DataPipeline.Application.Processing.JsonSchema;

/// <summary>
/// One check of one value, and the memory it needs, which is kept for the thread's next one. Either answers only whether the value
/// matches, and stops at the first violation, or collects them all.
/// </summary>
internal sealed class Evaluation
{
    /// <summary>How deep schemas may apply each other to one record; a stack of 1 MiB bears several times as many.</summary>
    internal const int MaxDepth = 1_000;

    /// <summary>How much work one record may be: about half a second. To apply a schema to a value is one step.</summary>
    internal const int MaxSteps = 10_000_000;

    /// <summary>How long one record may be matched against patterns before it is given up.</summary>
    private const int MaxMilliseconds = 2_000;

    /// <summary>From here on results are remembered, so that schemas that refer to each other many times over are checked once.</summary>
    private const int StepsBeforeRemembering = 10_000;
    private const int LargestKept = 1 << 16;

    [ThreadStatic]
    private static Evaluation? _spare;

    private readonly Dictionary<(SchemaNode Node, int Token), bool> _known = [];
    private readonly List<SchemaViolation> _found = [];
    private List<SchemaViolation>? _violations;
    private char[] _characters = new char[256];
    private int _depth;
    private long _steps;
    private int _told;
    private long _firstMatch;

    internal JsonTape Tape { get; } = new();

    /// <summary>Why the check was given up; <c>null</c> while it was not. The value then counts as no match.</summary>
    internal SchemaViolation? Exhaustion { get; private set; }

    /// <summary>Whether violations are collected, so that a check must go on after the first one.</summary>
    internal bool Collects => _violations is not null;

    /// <summary>Whether nothing that is still to be checked could change the answer.</summary>
    internal bool IsOver => Exhaustion is not null || _violations?.Count == CompiledSchema.MaxViolations || _told > CompiledSchema.MaxViolationText;

    internal static Evaluation Begin(RecordValue value)
    {
        var evaluation = _spare ?? new Evaluation();
        _spare = null;
        evaluation.Tape.Read(value);
        return evaluation;
    }

    internal void End()
    {
        Tape.Trim();
        _known.Clear();
        if (_known.Capacity > LargestKept) _known.TrimExcess();
        if (_characters.Length > LargestKept) _characters = new char[256];
        Exhaustion = null;
        (_steps, _told, _firstMatch) = (0, 0, 0);
        _spare = this;
    }

    internal IReadOnlyList<SchemaViolation> Collect(SchemaNode root)
    {
        // What the quick check spent does not count: it may have found the violation at the very end.
        _steps = Math.Min(_steps, StepsBeforeRemembering);
        if (Exhaustion is null)
        {
            _violations = _found;
            root.Check(this, 0);
            _violations = null;
        }

        IReadOnlyList<SchemaViolation> violations = Exhaustion is null ? [.. _found] : [.. _found.Take(CompiledSchema.MaxViolations - 1), Exhaustion];
        _found.Clear();
        return violations;
    }

    /// <summary>Whether a value matches, without telling why it does not.</summary>
    internal bool Holds(SchemaNode node, int token)
    {
        var violations = _violations;
        _violations = null;
        var valid = node.Check(this, token);
        _violations = violations;
        return valid;
    }

    /// <returns>False, which is what the check has come to.</returns>
    /// <param name="missing">The property of the value that would have to be there; <c>null</c> where it is the value itself that is wrong.</param>
    internal bool Fail(int token, string keyword, string expected, string? missing = null)
    {
        if (_violations is null || IsOver) return false;
        var pointer = Tape.PointerTo(token);
        var violation = new SchemaViolation(missing is null ? pointer : JsonPointer.Append(pointer, missing), keyword, $"Expected {expected}, but found {Tape.ExcerptOf(token)}.");
        _violations.Add(violation);
        _told += violation.Location.Length + violation.Message.Length;
        return false;
    }

    /// <summary>Counts work, so that no schema takes for ever: what grows with the value, but is not done by applying schemas, is counted beside that.</summary>
    /// <param name="steps">Of about 50 nanoseconds each.</param>
    /// <returns>False where it is too much all told. Then the check is given up.</returns>
    internal bool Spend(long steps)
    {
        if (Exhaustion is not null) return false;
        _steps += steps;
        return _steps <= MaxSteps || GiveUp($"Expected a value that takes no more than {MaxSteps} steps to check.");
    }

    /// <summary>Whether an object has a property; false too where the check is given up.</summary>
    internal bool Has(int token, ReadOnlySpan<byte> name) => Spend(1 + (Tape[token].Count / 8)) && Tape.Find(token, name) >= 0;

    /// <summary>Goes one schema deeper; each success is followed by <see cref="Leave"/>.</summary>
    /// <param name="result">What the check comes to, where it need not or cannot be made.</param>
    internal bool TryEnter(SchemaNode node, int token, out bool result)
    {
        result = false;
        if (_depth == MaxDepth) return GiveUp($"Expected a value to which no more than {MaxDepth} schemas apply within each other.");
        if (node.IsReferenced)
        {
            if (_steps > StepsBeforeRemembering && _known.TryGetValue((node, token), out result) && (result || !Collects)) return false;
            if (Collects && Holds(node, token))
            {
                result = true;
                return false;
            }
        }

        _depth++;
        return true;
    }

    internal void Leave(SchemaNode node, int token, bool result)
    {
        _depth--;
        if (node.IsReferenced && _steps > StepsBeforeRemembering && Exhaustion is null) _known[(node, token)] = result;
    }

    internal bool Matches(EcmaPattern pattern, int token)
    {
        if (Exhaustion is not null) return false;
        var text = Tape.TextOf(token);
        if (_characters.Length < text.Length) _characters = new char[text.Length * 2];
        var length = Encoding.UTF8.GetChars(JsonTape.RepairSurrogates(text), _characters);
        try
        {
            var matches = pattern.IsMatch(_characters.AsSpan(0, length));
            return HasTime() && matches;
        }
        catch (RegexMatchTimeoutException)
        {
            return GiveUpInTime();
        }
    }

    private bool HasTime()
    {
        var now = Environment.TickCount64;
        if (_firstMatch == 0) _firstMatch = now;
        return now - _firstMatch < MaxMilliseconds || GiveUpInTime();
    }

    private bool GiveUpInTime() => GiveUp("Expected texts that can be matched against the patterns in time.");

    private bool GiveUp(string message)
    {
        Exhaustion ??= new SchemaViolation("", SchemaViolation.TooComplex, message);
        return false;
    }
}
