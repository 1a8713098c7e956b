using System.ComponentModel;
using System.Text;
using DataPipeline.Domain.Processing;

namespace DataPipeline.Infrastructure.Processors;

internal sealed record CsvOptions : IValidatedOptions
{
    [Description("The text to read.")]
    public required FieldPath Field { get; init; }

    [Description("The fields to write the values to, in order. Values beyond them are left out.")]
    [OneOrMany]
    public required IReadOnlyList<FieldPath> TargetFields { get; init; }

    [Description("The character between values.")]
    public string Separator { get; init; } = ",";

    [Description("The character around values that hold separators.")]
    public string Quote { get; init; } = "\"";

    [Description("Whether white space around values without quotes is taken away.")]
    public bool Trim { get; init; }

    [Description("What to write for an empty value: any JSON; nothing is written unless told.")]
    public RecordValue? EmptyValue { get; init; }

    [Description("Whether nothing is done, instead of failing, where the field is missing.")]
    public bool IgnoreMissing { get; init; }

    public IEnumerable<OptionProblem> Validate()
    {
        if (Separator is not [not ('\r' or '\n')]) yield return new OptionProblem("separator", "INVALID_VALUE", "separator must be one character, and no line end.");
        if (Quote is not [not (' ' or '\r' or '\n')]) yield return new OptionProblem("quote", "INVALID_VALUE", "quote must be one character, and no space or line end.");
        if (Separator == Quote) yield return new OptionProblem("quote", "INVALID_VALUE", "quote must not be the separator.");
    }
}

[Processor("csv", "1.0", Description = "Reads a line of CSV into fields.")]
[Example("""{ "type": "csv", "options": { "field": "line", "targetFields": ["id", "name", "amount"] } }""", Record = """{ "line": "17,\"Lovelace, Ada\",12.50" }""")]
internal sealed class CsvProcessor(CsvOptions options) : ParsingProcessor(options.Field, options.IgnoreMissing)
{
    private readonly char _separator = options.Separator[0];
    private readonly char _quote = options.Quote[0];

    protected override ProcessorResult Parse(RecordValue text, Record record)
    {
        var values = new List<string>();
        if (Read(text.GetString(), values) is { } problem) return Failures.NotParsed(Field, text, problem);
        for (var i = 0; i < values.Count && i < options.TargetFields.Count; i++)
        {
            var value = values[i].Length > 0 ? RecordValue.From(values[i]) : options.EmptyValue;
            if (value is { } given && record.Write(options.TargetFields[i], given) is { Outcome: ProcessorOutcome.Fail } failure) return failure;
        }

        return ProcessorResult.Continue;
    }

    /// <returns>What is wrong with the line, or <c>null</c>.</returns>
    private string? Read(string line, List<string> values)
    {
        for (var at = 0; ; at++)
        {
            var first = at;
            while (first < line.Length && line[first] is ' ' or '\t' && line[first] != _separator) first++;
            if (first < line.Length && line[first] == _quote)
            {
                at = first;
                if (!TryReadQuoted(line, ref at, out var quoted)) return "has a quote that does not end";
                while (at < line.Length && line[at] is ' ' or '\t' && line[at] != _separator) at++;
                if (at < line.Length && line[at] != _separator) return "has text behind a closing quote";
                values.Add(quoted);
            }
            else
            {
                var end = line.IndexOf(_separator, at);
                if (end < 0) end = line.Length;
                var text = line[at..end];
                if (text.AsSpan().ContainsAny(_quote, '\n', '\r')) return "has a quote or a line end within a value that has no quotes";
                values.Add(options.Trim ? text.Trim() : text);
                at = end;
            }

            if (at >= line.Length) return null;
        }
    }

    /// <param name="at">Of the opening quote; afterwards, behind the closing one.</param>
    private bool TryReadQuoted(string line, ref int at, out string text)
    {
        var result = new StringBuilder();
        for (at++; at < line.Length; at++)
        {
            if (line[at] == _quote && (++at >= line.Length || line[at] != _quote))
            {
                text = result.ToString();
                return true;
            }

            result.Append(line[at]);
        }

        text = "";
        return false;
    }
}
