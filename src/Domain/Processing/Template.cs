using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace DataPipeline.Domain.Processing;

/// <summary>
/// Text with placeholders: <c>order {{id}} of {{customer.name}}</c>. A placeholder is a field path, or one of
/// <c>pipeline.id</c>, <c>pipeline.name</c>, <c>batch.id</c>, <c>record.index</c>, <c>now</c> and, while a failure is being handled,
/// <c>failure.message</c>, <c>failure.code</c>, <c>failure.processor.type</c>, <c>failure.processor.tag</c>; a field of such a name is
/// reached by quoting, <c>{{['now']}}</c>. Immutable and thread-safe.
/// </summary>
public sealed class Template
{
    private readonly Part[] _parts;

    private Template(string text, Part[] parts) => (Text, _parts) = (text, parts);

    /// <summary>The template as it was written.</summary>
    public string Text { get; }

    /// <summary>Whether the text has no placeholder.</summary>
    public bool IsConstant => _parts is [] or [{ Lookup: null }];

    /// <summary>What stands between the braces of each placeholder, without the spaces around it.</summary>
    public IEnumerable<string> Placeholders => _parts.Where(part => part.Lookup is not null).Select(part => part.Text);

    /// <summary>Whether a text has something in double braces, so that its writer may have meant a template.</summary>
    /// <param name="text">Any text.</param>
    public static bool LooksLikeOne(string text) => text.IndexOf("{{", StringComparison.Ordinal) is >= 0 and var open && text.IndexOf("}}", open + 2, StringComparison.Ordinal) >= 0;

    /// <summary>Reads a template; for templates in code that are known to be right.</summary>
    /// <param name="text">The template as text.</param>
    /// <exception cref="FormatException">A placeholder does not end or is none.</exception>
    public static Template Parse(string text) => TryParse(text, out var template, out var error) ? template : throw new FormatException(error);

    /// <summary>Reads a template.</summary>
    /// <param name="text">The template as text.</param>
    /// <param name="template">The template, where the text is one.</param>
    /// <param name="error">One sentence that says what is wrong, where it is none.</param>
    /// <returns>Whether the text is a template; text without placeholders is one too.</returns>
    public static bool TryParse(string text, [NotNullWhen(true)] out Template? template, [NotNullWhen(false)] out string? error)
    {
        template = null;
        error = null;
        var parts = new List<Part>();
        for (var at = 0; at < text.Length;)
        {
            var open = text.IndexOf("{{", at, StringComparison.Ordinal);
            if (open != at) parts.Add(new Part(text[at..(open < 0 ? text.Length : open)], null));
            if (open < 0) break;
            var close = text.IndexOf("}}", open + 2, StringComparison.Ordinal);
            if (close < 0)
            {
                error = $"The placeholder that begins at position {open + 1} of \"{text}\" does not end with }}}}.";
                return false;
            }

            var name = text[(open + 2)..close].Trim();
            if (!TryFindLookup(name, out var lookup, out error)) return false;
            parts.Add(new Part(name, lookup));
            at = close + 2;
        }

        template = new Template(text, [.. parts]);
        return true;
    }

    /// <summary>
    /// The text with every placeholder filled in; empty for what is missing. One that is longer than the record may be (<see cref="Record.MaxBytes"/>) is not made:
    /// the answer is empty then, and the record fails.
    /// </summary>
    /// <param name="record">Where fields are looked up.</param>
    /// <param name="context">Where everything else is looked up.</param>
    public string Format(Record record, ProcessorContext context)
    {
        if (IsConstant) return Text;
        var text = new StringBuilder();
        foreach (var part in _parts)
        {
            text.Append(part.Lookup is null ? part.Text : part.Lookup(record, context).ToText());
            if (text.Length <= record.MaxBytes) continue;
            record.Refuse();
            return "";
        }

        return text.ToString();
    }

    /// <summary>Formats without decoding what lies in memory as UTF-8, which is almost everything.</summary>
    /// <returns>False where a value does not lie so, or the text is long.</returns>
    private bool TryFormatUtf8(Record record, ProcessorContext context, out RecordValue text)
    {
        Span<byte> buffer = stackalloc byte[512];
        var length = 0;
        text = default;
        foreach (var part in _parts)
        {
            ReadOnlySpan<byte> bytes = part.Utf8;
            if (part.Lookup is { } lookup)
            {
                var value = lookup(record, context);
                if (value.Kind == RecordValueKind.Number) bytes = value.NumberText;
                else if (!value.IsMissing && !value.TryGetUtf8(out bytes)) return false;
            }

            if (!bytes.TryCopyTo(buffer[length..])) return false;
            length += bytes.Length;
        }

        text = RecordValue.FromUtf8(buffer[..length]);
        return true;
    }

    /// <summary>The same as <see cref="Format"/>, except that one placeholder alone gives the value as it is, of whatever type; the empty text where the field is absent.</summary>
    /// <param name="record">Where fields are looked up.</param>
    /// <param name="context">Where everything else is looked up.</param>
    public RecordValue Evaluate(Record record, ProcessorContext context)
    {
        if (_parts is not [{ Lookup: { } lookup }]) return TryFormatUtf8(record, context, out var text) ? text : RecordValue.From(Format(record, context));
        var value = lookup(record, context);
        return value.Kind == RecordValueKind.Absent ? RecordValue.From("") : value;
    }

    /// <summary>The template as it was written.</summary>
    public override string ToString() => Text;

    private static bool TryFindLookup(string name, [NotNullWhen(true)] out Func<Record, ProcessorContext, RecordValue>? lookup, [NotNullWhen(false)] out string? error)
    {
        error = name.AsSpan().ContainsAny('{', '}') ? $"\"{name}\" is no placeholder: it has a brace in it." : null;
        lookup = name switch
        {
            "pipeline.id" => (_, context) => Text(context.PipelineId?.ToString()),
            "pipeline.name" => (_, context) => Text(context.PipelineName),
            "batch.id" => (_, context) => Text(context.BatchId?.ToString()),
            "record.index" => (_, context) => RecordValue.From(context.RecordIndex),
            "now" => (_, context) => RecordValue.From(context.Now),
            _ => null,
        };
        if (lookup is not null || error is not null) return error is null;
        if (!FieldPath.TryParse(name, out var path, out error)) return false;
        Func<ProcessorFailure, string?>? ofFailure = name switch
        {
            "failure.message" => failure => failure.Message,
            "failure.code" => failure => failure.Code,
            "failure.processor.type" => failure => failure.ProcessorType,
            "failure.processor.tag" => failure => failure.ProcessorTag,
            _ => null,
        };
        lookup = ofFailure is null
            ? (record, _) => record.Get(path)
            : (record, context) => context.Failure is { } failure ? Text(ofFailure(failure)) : record.Get(path);
        return true;

        static RecordValue Text(string? text) => RecordValue.From(text ?? "");
    }

    private sealed class Part(string text, Func<Record, ProcessorContext, RecordValue>? lookup)
    {
        internal string Text { get; } = text;

        internal byte[] Utf8 { get; } = lookup is null ? Encoding.UTF8.GetBytes(text) : [];

        /// <summary>Finds the value of a placeholder; <c>null</c> for text that stands for itself.</summary>
        internal Func<Record, ProcessorContext, RecordValue>? Lookup { get; } = lookup;
    }
}

/// <summary>A JSON value of any type, of which every text may be a <see cref="Template"/>. Immutable; used by one thread at a time.</summary>
public sealed class ValueTemplate
{
    private readonly Template? _text;
    private readonly KeyValuePair<string, ValueTemplate>[]? _properties;
    private readonly ValueTemplate[]? _items;

    private ValueTemplate(RecordValue value, Template? text = null, ValueTemplate[]? items = null, KeyValuePair<string, ValueTemplate>[]? properties = null) =>
        (Value, _text, _items, _properties) = (value, text, items, properties);

    /// <summary>The value as it was written.</summary>
    public RecordValue Value { get; }

    private bool IsConstant => _text is null && _items is null && _properties is null;

    /// <summary>Reads a value; one without placeholders is a template that always gives itself.</summary>
    /// <param name="value">The value with its templates.</param>
    /// <param name="template">The template, where every text of the value is one.</param>
    /// <param name="error">One sentence that says what is wrong, where one is none.</param>
    /// <returns>Whether the value is a template.</returns>
    public static bool TryParse(RecordValue value, [NotNullWhen(true)] out ValueTemplate? template, [NotNullWhen(false)] out string? error)
    {
        template = null;
        error = null;
        switch (value.Kind)
        {
            case RecordValueKind.String:
                if (!Template.TryParse(value.GetString(), out var text, out error)) return false;
                template = new ValueTemplate(value, text.IsConstant ? null : text);
                return true;
            case RecordValueKind.Array:
                var items = new List<ValueTemplate>();
                foreach (var item in value.EnumerateArray())
                {
                    if (!TryParse(item, out var part, out error)) return false;
                    items.Add(part);
                }

                template = new ValueTemplate(value, items: items.TrueForAll(item => item.IsConstant) ? null : [.. items]);
                return true;
            case RecordValueKind.Object:
                var properties = new List<KeyValuePair<string, ValueTemplate>>();
                foreach (var (name, property) in value.EnumerateObject())
                {
                    if (!TryParse(property, out var part, out error)) return false;
                    properties.Add(new(name, part));
                }

                template = new ValueTemplate(value, properties: properties.TrueForAll(property => property.Value.IsConstant) ? null : [.. properties]);
                return true;
            default:
                template = new ValueTemplate(value);
                return true;
        }
    }

    /// <summary>The value with every template in it evaluated; see <see cref="Template.Evaluate"/>. What is longer than the record may be is not made whole, and the record fails.</summary>
    /// <param name="record">Where fields are looked up.</param>
    /// <param name="context">Where everything else is looked up.</param>
    public RecordValue Evaluate(Record record, ProcessorContext context)
    {
        if (_text is not null) return _text.Evaluate(record, context);
        var length = 0L;
        if (_items is not null) return RecordValue.FromArray(Array.ConvertAll(_items, Part));
        if (_properties is null) return Value;
        return RecordValue.FromObject(_properties.Select(property => new KeyValuePair<string, RecordValue>(property.Key, Part(property.Value))));

        RecordValue Part(ValueTemplate template)
        {
            if (record.IsTooLarge) return RecordValue.Null;
            var part = template.Evaluate(record, context);
            length += part.MaxLength;
            if (!record.CanHold(length)) record.Refuse();
            return part;
        }
    }
}
