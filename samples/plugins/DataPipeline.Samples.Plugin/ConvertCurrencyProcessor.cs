using System.ComponentModel;
using System.Globalization;
using System.Text.Json;
using DataPipeline.Domain.Processing;

namespace DataPipeline.Samples.Plugin;

/// <summary>Options of <c>convertCurrency</c>.</summary>
public sealed record ConvertCurrencyOptions
{
    /// <summary>The field with the amount.</summary>
    [Description("The field with the amount: a number.")]
    public required FieldPath Field { get; init; }

    /// <summary>The field with the currency.</summary>
    [Description("The field with the currency, for example USD.")]
    public required FieldPath CurrencyField { get; init; }

    /// <summary>The field to write the amount in euros to.</summary>
    [Description("The field to write the amount in euros to.")]
    public FieldPath TargetField { get; init; } = FieldPath.Parse("amountEur");
}

/// <summary>
/// Converts an amount to euros, with the rates that lie beside the plugin. Asynchronous, as it would be with rates from a service:
/// they are fetched with the first record and kept by the instance, which one worker uses at a time.
/// </summary>
[Processor("convertCurrency", "1.0", Description = "Converts an amount to euros.")]
[Example("""{ "type": "convertCurrency", "options": { "field": "amount", "currencyField": "currency" } }""", Record = """{ "amount": 10, "currency": "USD" }""")]
public sealed class ConvertCurrencyProcessor(ConvertCurrencyOptions options) : IAsyncProcessor
{
    private static readonly string RatesFile = Path.Combine(Path.GetDirectoryName(typeof(ConvertCurrencyProcessor).Assembly.Location)!, "rates.json");

    private Dictionary<string, decimal>? _rates;

    /// <inheritdoc/>
    public async ValueTask<ProcessorResult> ProcessAsync(Record record, ProcessorContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(record);
        var rates = _rates ??= await ReadRatesAsync(cancellationToken);
        var (amount, currency) = (record.Get(options.Field), record.Get(options.CurrencyField));
        if (amount.IsMissing) return ProcessorResult.Fail("FIELD_MISSING", $"{options.Field} is missing.");
        if (amount.Kind != RecordValueKind.Number || !decimal.TryParse(amount.NumberText, NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
            return ProcessorResult.Fail("TYPE_MISMATCH", $"{options.Field}: {amount} is not a number");
        if (!rates.TryGetValue(currency.ToText(), out var rate)) return ProcessorResult.Fail("UNKNOWN_CURRENCY", $"{options.CurrencyField}: there is no rate for {currency}");
        return record.TrySet(options.TargetField, RecordValue.From(Math.Round(number / rate, 2)))
            ? ProcessorResult.Continue
            : ProcessorResult.Fail("INVALID_PATH", $"{options.TargetField} cannot be written.");
    }

    private static async Task<Dictionary<string, decimal>> ReadRatesAsync(CancellationToken ct)
    {
        await using var file = File.OpenRead(RatesFile);
        return await JsonSerializer.DeserializeAsync<Dictionary<string, decimal>>(file, cancellationToken: ct) ?? [];
    }
}
