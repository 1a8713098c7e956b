using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using DataPipeline.Domain.Processing;

namespace DataPipeline.Infrastructure.Processors;

internal sealed record FingerprintOptions : IValidatedOptions
{
    internal static readonly string[] Methods = ["SHA-256", "SHA-1", "SHA-512", "MD5"];

    [Description("The fields whose values make the fingerprint, in any order.")]
    [OneOrMany]
    public required IReadOnlyList<FieldPath> Fields { get; init; }

    [Description("The field to write it to.")]
    public FieldPath TargetField { get; init; } = FieldPath.Parse("fingerprint");

    [Description("SHA-256, SHA-1, SHA-512 or MD5.")]
    public string Method { get; init; } = "SHA-256";

    [Description("What goes into the fingerprint before the values, so that others cannot make the same.")]
    public string? Salt { get; init; }

    [Description("Whether fields that are missing are left out, instead of failing.")]
    public bool IgnoreMissing { get; init; }

    public IEnumerable<OptionProblem> Validate()
    {
        if (!Methods.Contains(Method)) yield return new OptionProblem("method", "INVALID_VALUE", $"method cannot be \"{Method}\". Known: {string.Join(", ", Methods)}.");
    }
}

[Processor("fingerprint", "1.0", Description = "Writes a hash of fields: the same for the same values.", IsAtomic = true)]
[Example("""{ "type": "fingerprint", "options": { "fields": ["customer.email", "orderedAt"] } }""", Record = """{ "customer": { "email": "ada@example.com" }, "orderedAt": "2025-12-24" }""")]
internal sealed class FingerprintProcessor(FingerprintOptions options) : IProcessor
{
    private readonly FieldPath[] _fields = [.. options.Fields.DistinctBy(field => field.Text).OrderBy(field => field.Text, StringComparer.Ordinal)];

    public ProcessorResult Process(Record record, ProcessorContext context)
    {
        using var canonical = new MemoryStream();
        using (var writer = new BinaryWriter(canonical, Encoding.UTF8, leaveOpen: true))
        {
            writer.Write(options.Salt ?? "");
            var found = 0;
            foreach (var field in _fields)
            {
                var value = record.Get(field);
                if (value.IsMissing && !options.IgnoreMissing) return Failures.Missing(field);
                if (value.IsMissing) continue;
                found++;
                writer.Write(field.Text);
                Write(value, writer);
            }

            if (found == 0) return ProcessorResult.Continue;
        }

        var hash = Convert.ToHexStringLower(Hash(canonical.GetBuffer().AsSpan(0, (int)canonical.Length)));
        return record.Write(options.TargetField, RecordValue.From(hash));
    }

    [SuppressMessage("Security", "CA5350", Justification = "Offered for fingerprints that have to equal others'; the owner chooses.")]
    [SuppressMessage("Security", "CA5351", Justification = "Offered for fingerprints that have to equal others'; the owner chooses.")]
    private byte[] Hash(ReadOnlySpan<byte> bytes) => options.Method switch
    {
        "SHA-1" => SHA1.HashData(bytes),
        "SHA-512" => SHA512.HashData(bytes),
        "MD5" => MD5.HashData(bytes),
        _ => SHA256.HashData(bytes),
    };

    /// <summary>Writes equal values alike: numbers by their value, properties by the order of their names. Every part begins with its type or length, so that nothing runs together.</summary>
    private static void Write(RecordValue value, BinaryWriter writer)
    {
        writer.Write((byte)value.Kind);
        switch (value.Kind)
        {
            case RecordValueKind.Boolean:
                writer.Write(value.GetBoolean());
                break;
            case RecordValueKind.Number:
                writer.Write(Canonical(Encoding.ASCII.GetString(value.NumberText)));
                break;
            case RecordValueKind.String:
                // As UTF-16, which lone surrogates survive.
                var text = value.GetString();
                writer.Write(text.Length);
                foreach (var unit in text) writer.Write((ushort)unit);
                break;
            case RecordValueKind.Array:
                writer.Write(value.Count);
                foreach (var item in value.EnumerateArray()) Write(item, writer);
                break;
            case RecordValueKind.Object:
                writer.Write(value.Count);
                foreach (var (name, property) in value.EnumerateObject().OrderBy(property => property.Key, StringComparer.Ordinal))
                {
                    Write(RecordValue.From(name), writer);
                    Write(property, writer);
                }

                break;
        }
    }

    /// <summary>The significant digits of a number and the power of ten they are multiplied with.</summary>
    private static string Canonical(string number)
    {
        var mantissa = number.AsSpan(number[0] == '-' ? 1 : 0);
        var exponent = BigInteger.Zero;
        if (mantissa.IndexOfAny('e', 'E') is >= 0 and var e)
        {
            var text = mantissa[(e + 1)..];
            exponent = text.Length <= 20 ? BigInteger.Parse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture) : new BigInteger(text[0] == '-' ? long.MinValue : long.MaxValue);
            mantissa = mantissa[..e];
        }

        var point = mantissa.IndexOf('.');
        if (point >= 0) exponent -= mantissa.Length - point - 1;
        var digits = mantissa.ToString().Replace(".", "", StringComparison.Ordinal).TrimStart('0');
        var significant = digits.TrimEnd('0');
        if (significant.Length == 0) return "0";
        return $"{(number[0] == '-' ? "-" : "")}{significant}e{exponent + digits.Length - significant.Length}";
    }
}
