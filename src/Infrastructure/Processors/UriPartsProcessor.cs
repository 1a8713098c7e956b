using System.ComponentModel;
using System.Globalization;
using System.Text.RegularExpressions;
using DataPipeline.Domain.Processing;

namespace DataPipeline.Infrastructure.Processors;

internal sealed record UriPartsOptions
{
    [Description("The URI to take apart.")]
    public required FieldPath Field { get; init; }

    [Description("The object to write its parts to.")]
    public FieldPath TargetField { get; init; } = FieldPath.Parse("url");

    [Description("Whether the URI itself is among the parts.")]
    public bool KeepOriginal { get; init; } = true;

    [Description("Whether the field is removed afterwards.")]
    public bool RemoveIfSuccessful { get; init; }

    [Description("Whether nothing is done, instead of failing, where the field is missing.")]
    public bool IgnoreMissing { get; init; }
}

[Processor("uriParts", "1.0", Description = "Takes a URI apart.")]
[Example("""{ "type": "uriParts", "options": { "field": "address", "targetField": "url" } }""", Record = """{ "address": "https://example.com:8443/orders/17.html?full=1" }""")]
internal sealed class UriPartsProcessor(UriPartsOptions options) : IProcessor
{
    private static readonly Regex Uri = new(
        @"^(?<scheme>[A-Za-z][A-Za-z0-9+.\-]*):(//((?<userInfo>[^\s/?#@]*)@)?(?<domain>\[[0-9A-Fa-f:.]+\]|[^\s/?#@:\[\]]*)(:(?<port>[0-9]*))?(?<path>(/[^\s?#<>""{}|\\^`]*)?)|(?<path>[^/\s?#<>""{}|\\^`][^\s?#<>""{}|\\^`]*|/([^/\s?#<>""{}|\\^`][^\s?#<>""{}|\\^`]*)?|))(\?(?<query>[^\s#<>""]*))?(#(?<fragment>[^\s<>""]*))?$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking);

    public ProcessorResult Process(Record record, ProcessorContext context)
    {
        var value = record.Get(options.Field);
        if (value.IsMissing) return options.IgnoreMissing ? ProcessorResult.Continue : Failures.Missing(options.Field);
        if (value.Kind != RecordValueKind.String) return Failures.WrongType(options.Field, value, "a string");
        if (!TryTakeApart(value.GetString(), out var parts)) return Failures.NotParsed(options.Field, value, "is not a URI");
        if (options.KeepOriginal) parts.Insert(0, new("original", value));
        if (options.RemoveIfSuccessful) record.Remove(options.Field);
        return record.TrySet(options.TargetField, RecordValue.FromObject(parts)) ? ProcessorResult.Continue : Failures.InvalidPath(options.TargetField);
    }

    private static bool TryTakeApart(string text, out List<KeyValuePair<string, RecordValue>> parts)
    {
        var found = new List<KeyValuePair<string, RecordValue>>();
        parts = found;
        var match = Uri.Match(text);
        if (!match.Success) return false;
        Add("scheme");
        Add("userInfo");
        Add("domain");
        if (match.Groups["port"] is { Success: true, Length: > 0 } port)
        {
            if (!ushort.TryParse(port.ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var number)) return false;
            found.Add(new("port", RecordValue.From(number)));
        }

        Add("path");
        var file = match.Groups["path"].Value[(match.Groups["path"].Value.LastIndexOf('/') + 1)..];
        if (file.LastIndexOf('.') is >= 0 and var dot && dot < file.Length - 1) found.Add(new("extension", RecordValue.From(file[(dot + 1)..])));
        Add("query");
        Add("fragment");
        return true;

        void Add(string name)
        {
            if (match.Groups[name].Success) found.Add(new(name, RecordValue.From(match.Groups[name].Value)));
        }
    }
}
