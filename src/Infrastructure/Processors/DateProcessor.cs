using System.ComponentModel;
using System.Globalization;
using DataPipeline.Domain.Processing;

namespace DataPipeline.Infrastructure.Processors;

internal sealed record DateOptions : FieldOptions, IValidatedOptions
{
    [Description("The formats to try, the first that fits counts: ISO8601, UNIX, UNIX_MS or .NET custom formats.")]
    [OneOrMany]
    public required IReadOnlyList<string> Formats { get; init; }

    [Description("The time zone of what names none, by its IANA name.")]
    public string Timezone { get; init; } = "UTC";

    [Description("The language of names of months and days.")]
    public string Locale { get; init; } = "en-US";

    [Description("The .NET custom format to write, in the time zone; ISO 8601 in UTC unless told.")]
    public string? OutputFormat { get; init; }

    internal TimeZoneInfo? FindZone() => TimeZoneInfo.TryFindSystemTimeZoneById(Timezone, out var zone) ? zone : null;

    internal CultureInfo? FindCulture()
    {
        try
        {
            return CultureInfo.GetCultureInfo(Locale, predefinedOnly: true);
        }
        catch (CultureNotFoundException)
        {
            return null;
        }
    }

    public IEnumerable<OptionProblem> Validate()
    {
        if (FindZone() is null) yield return new OptionProblem("timezone", "INVALID_VALUE", $"There is no time zone \"{Timezone}\"; names are as in Europe/Berlin.");
        if (FindCulture() is null) yield return new OptionProblem("locale", "INVALID_VALUE", $"There is no locale \"{Locale}\"; names are as in en-US.");
        for (var i = 0; i < Formats.Count; i++)
        {
            if (!DateFormat.TryParse(Formats[i], CultureInfo.InvariantCulture, out _, out var error)) yield return new OptionProblem($"formats[{i}]", "INVALID_FORMAT", error);
        }

        if (OutputFormat is not (null or "ISO8601") && !DateFormat.TryNormalize(OutputFormat, out _, out _, out var fault)) yield return new OptionProblem("outputFormat", "INVALID_FORMAT", fault);
    }
}

[Processor("date", "1.0", Description = "Reads a moment in one of several formats and writes it in one.", IsAtomic = true)]
[Example("""{ "type": "date", "options": { "field": "orderedAt", "formats": ["ISO8601", "dd.MM.yyyy HH:mm"], "timezone": "Europe/Berlin" } }""", Record = """{ "orderedAt": "24.12.2025 18:30" }""")]
internal sealed class DateProcessor : FieldProcessor
{
    private readonly DateFormat[] _formats;
    private readonly TimeZoneInfo _zone;
    private readonly CultureInfo _culture;
    private readonly string? _output;

    public DateProcessor(DateOptions options)
        : base(options)
    {
        _zone = options.FindZone()!;
        _culture = options.FindCulture()!;
        _formats = [.. options.Formats.Select(format => DateFormat.TryParse(format, _culture, out var parsed, out var error) ? parsed : throw new FormatException(error))];
        if (options.OutputFormat is not (null or "ISO8601") && DateFormat.TryNormalize(options.OutputFormat, out var output, out _, out _)) _output = output;
    }

    protected override ProcessorResult Change(ref RecordValue value, ProcessorContext context)
    {
        if (value.Kind is not (RecordValueKind.String or RecordValueKind.Number)) return Failures.WrongType(Field, value, "a text or a number");
        var text = value.ToText();
        foreach (var format in _formats)
        {
            if (!format.TryRead(text, _zone, context.Now, out var moment)) continue;
            value = _output is null ? RecordValue.From(moment) : RecordValue.From(Write(moment, _output));
            return ProcessorResult.Continue;
        }

        return Failures.NotConverted(Field, value, _formats.Length == 1 ? "is not a date in the given format" : "is not a date in any of the given formats");
    }

    /// <summary>Only a <see cref="DateTime"/> that is UTC writes the specifier K as Z.</summary>
    private string Write(DateTimeOffset moment, string format) =>
        _zone.BaseUtcOffset == TimeSpan.Zero && !_zone.SupportsDaylightSavingTime ? moment.UtcDateTime.ToString(format, _culture) : TimeZoneInfo.ConvertTime(moment, _zone).ToString(format, _culture);
}
