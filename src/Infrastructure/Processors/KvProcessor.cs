using System.ComponentModel;
using System.Text.RegularExpressions;
using DataPipeline.Domain.Processing;

namespace DataPipeline.Infrastructure.Processors;

internal sealed record KvOptions : IValidatedOptions
{
    [Description("The text to read.")]
    public required FieldPath Field { get; init; }

    [Description("What stands between pairs: a regular expression.")]
    public required Regex FieldSplit { get; init; }

    [Description("What stands between key and value: a regular expression.")]
    public required Regex ValueSplit { get; init; }

    [Description("The object to write the fields into; the record itself unless told.")]
    public FieldPath? TargetField { get; init; }

    [Description("The keys to take; all unless told.")]
    public IReadOnlyList<string>? IncludeKeys { get; init; }

    [Description("The keys to leave out.")]
    public IReadOnlyList<string>? ExcludeKeys { get; init; }

    [Description("What to put before each key.")]
    public string Prefix { get; init; } = "";

    [Description("The characters to take off both ends of keys.")]
    public string? TrimKey { get; init; }

    [Description("The characters to take off both ends of values.")]
    public string? TrimValue { get; init; }

    [Description("Whether one bracket of (), <>, [] or quote is taken off each end of values.")]
    public bool StripBrackets { get; init; }

    [Description("Whether nothing is done, instead of failing, where the field is missing.")]
    public bool IgnoreMissing { get; init; }

    public IEnumerable<OptionProblem> Validate()
    {
        if (FieldSplit.ToString().Length == 0) yield return new OptionProblem("fieldSplit", "INVALID_VALUE", "fieldSplit must not be empty.");
        if (ValueSplit.ToString().Length == 0) yield return new OptionProblem("valueSplit", "INVALID_VALUE", "valueSplit must not be empty.");
    }
}

[Processor("kv", "1.0", Description = "Reads pairs of keys and values into fields.")]
[Example("""{ "type": "kv", "options": { "field": "line", "fieldSplit": " ", "valueSplit": "=" } }""", Record = """{ "line": "user=ada action=login" }""")]
internal sealed class KvProcessor : ParsingProcessor
{
    private const string OpeningBrackets = "([<\"'";
    private const string ClosingBrackets = ")]>\"'";

    /// <summary>Records of one kind have the same few keys. Those of a record that has many, or long ones, are forgotten with it.</summary>
    private const int MostRemembered = 1_000;
    private const int MostCharactersRemembered = 100_000;

    private readonly KvOptions _options;
    private readonly SearchPattern _fieldSplit;
    private readonly SearchPattern _valueSplit;
    private readonly Dictionary<string, KeyField> _fields = new(StringComparer.Ordinal);
    private readonly Dictionary<string, KeyField>.AlternateLookup<ReadOnlySpan<char>> _fieldsByKey;
    private readonly List<KeyField> _found = [];
    private long _characters;

    public KvProcessor(KvOptions options)
        : base(options.Field, options.IgnoreMissing)
    {
        _options = options;
        _fieldSplit = new SearchPattern(options.FieldSplit);
        _valueSplit = new SearchPattern(options.ValueSplit);
        _fieldsByKey = _fields.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    protected override ProcessorResult Parse(RecordValue text, Record record)
    {
        try
        {
            return Read(text.GetString()) is { } part
                ? Failures.NotParsed(Field, text, $"has a part without a key and a value: {Failures.Show(RecordValue.From(part))}")
                : Write(record);
        }
        finally
        {
            foreach (var field in _found) field.Forget();
            _found.Clear();
            if (_fields.Count > MostRemembered || _characters > MostCharactersRemembered)
            {
                _fields.Clear();
                _characters = 0;
            }
        }
    }

    /// <returns>The part that is no pair, or <c>null</c>.</returns>
    private string? Read(ReadOnlySpan<char> text)
    {
        var start = 0;
        var separators = _fieldSplit.In(text);
        while (separators.MoveNext())
        {
            if (separators.Start == separators.End) continue;
            if (!TryReadPair(text[start..separators.Start])) return text[start..separators.Start].ToString();
            start = separators.End;
        }

        return TryReadPair(text[start..]) ? null : text[start..].ToString();
    }

    private bool TryReadPair(ReadOnlySpan<char> part)
    {
        if (part.IsEmpty) return true;
        var separators = _valueSplit.In(part);
        while (separators.MoveNext())
        {
            if (separators.Start == separators.End) continue;
            var key = Trim(part[..separators.Start], _options.TrimKey);
            if (!key.IsEmpty) Add(key, part[separators.End..]);
            return !key.IsEmpty;
        }

        return false;
    }

    private void Add(ReadOnlySpan<char> key, ReadOnlySpan<char> value)
    {
        if (!_fieldsByKey.TryGetValue(key, out var field))
        {
            var name = key.ToString();
            _fields.Add(name, field = new KeyField(name, IsTaken(name)));
        }

        if (!field.IsTaken) return;
        value = Trim(value, _options.TrimValue);
        if (_options.StripBrackets) value = Trim(WithoutBrackets(value), _options.TrimValue);
        if (field.Add(RecordValue.From(value.ToString()))) _found.Add(field);
    }

    private ProcessorResult Write(Record record)
    {
        foreach (var field in _found)
        {
            if (field.Target is null)
            {
                // Not before it is written: a long prefix before many keys would fill the memory.
                field.Target = KeyPath.Of(_options.Prefix + field.Key, _options.TargetField);
                _characters += _options.Prefix.Length + field.Key.Length;
            }

            if (record.Write(field.Target, field.Value) is { Outcome: ProcessorOutcome.Fail } failure) return failure;
        }

        return ProcessorResult.Continue;
    }

    private static ReadOnlySpan<char> Trim(ReadOnlySpan<char> text, string? characters) => string.IsNullOrEmpty(characters) ? text : text.Trim(characters);

    private static ReadOnlySpan<char> WithoutBrackets(ReadOnlySpan<char> value)
    {
        if (value is [var first, ..] && OpeningBrackets.Contains(first, StringComparison.Ordinal)) value = value[1..];
        return value is [.., var last] && ClosingBrackets.Contains(last, StringComparison.Ordinal) ? value[..^1] : value;
    }

    private bool IsTaken(string key) => _options.IncludeKeys?.Contains(key) != false && _options.ExcludeKeys?.Contains(key) != true;

    /// <summary>Where the values of a key go, and those that the present record has of it.</summary>
    private sealed class KeyField(string key, bool isTaken)
    {
        private readonly List<RecordValue> _values = [];

        internal string Key { get; } = key;

        /// <summary>False for a key that is left out.</summary>
        internal bool IsTaken { get; } = isTaken;

        internal FieldPath? Target { get; set; }

        internal RecordValue Value => _values is [var single] ? single : RecordValue.FromArray([.. _values]);

        /// <returns>Whether it is the first.</returns>
        internal bool Add(RecordValue value)
        {
            _values.Add(value);
            return _values.Count == 1;
        }

        internal void Forget() => _values.Clear();
    }
}
