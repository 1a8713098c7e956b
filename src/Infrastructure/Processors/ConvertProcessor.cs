using System.Buffers;
using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using DataPipeline.Domain.Processing;

namespace DataPipeline.Infrastructure.Processors;

[SuppressMessage("Naming", "CA1720", Justification = "These are the words of the configuration.")]
internal enum ConvertType
{
    Integer,
    Long,
    Float,
    Double,
    Decimal,
    Boolean,
    String,
    Auto,
}

internal sealed record ConvertOptions : FieldOptions
{
    [Description("What to convert to. integer has 32 bits, long 64; auto takes what a text looks like and leaves what looks like nothing.")]
    public required ConvertType Type { get; init; }
}

[Processor("convert", "1.0", Description = "Converts a value, or each element of an array, to another type.", IsAtomic = true)]
[Example("""{ "type": "convert", "options": { "field": "amount", "type": "double" } }""", Record = """{ "amount": "12.50" }""")]
internal sealed class ConvertProcessor(ConvertOptions options) : FieldProcessor(options)
{
    private const NumberStyles Decimals = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent | NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite;

    private static readonly SearchValues<byte> HexDigits = SearchValues.Create("0123456789abcdefABCDEF"u8);

    /// <summary>With this many significant digits the nearest value of the type is written with the same digits.</summary>
    private const int FloatDigits = 6;
    private const int DoubleDigits = 15;
    private const int DecimalDigits = 28;

    /// <summary>The zeros before the first digit count for a decimal, and must not lead to where a float has fewer digits.</summary>
    private const int LongestExact = 28;

    private readonly ConvertType _type = options.Type;

    protected override ProcessorResult Change(ref RecordValue value, ProcessorContext context) => ChangeEach(ref value, this, static (ref RecordValue element, ConvertProcessor self) =>
    {
        if (element.Kind is not (RecordValueKind.String or RecordValueKind.Number or RecordValueKind.Boolean)) return Failures.WrongType(self.Field, element, "a text, a number or a boolean");
        return Convert(self._type, ref element) is { } problem ? Failures.NotConverted(self.Field, element, problem) : ProcessorResult.Continue;
    });

    /// <param name="value">A text, a number or a boolean.</param>
    /// <returns>What is wrong with the value, or <c>null</c>.</returns>
    internal static string? Convert(ConvertType type, ref RecordValue value)
    {
        switch (type)
        {
            case ConvertType.Integer:
                return ToInteger(ref value, int.MinValue, int.MaxValue, "is out of the range of an integer of 32 bits");
            case ConvertType.Long:
                return ToInteger(ref value, long.MinValue, long.MaxValue, "is out of the range of an integer of 64 bits");
            case ConvertType.Float:
                return ToNumber(ref value, FloatDigits, text => float.TryParse(text, Decimals, CultureInfo.InvariantCulture, out var number) && float.IsFinite(number) ? RecordValue.From(number) : default);
            case ConvertType.Double:
                return ToNumber(ref value, DoubleDigits, ParseDouble);
            case ConvertType.Decimal:
                return ToNumber(ref value, DecimalDigits, text => decimal.TryParse(text, Decimals, CultureInfo.InvariantCulture, out var number) ? RecordValue.From(number) : default);
            case ConvertType.Boolean:
                return ToBoolean(ref value) ? null : "is not a boolean";
            case ConvertType.String:
                if (value.Kind == RecordValueKind.Number) value = RecordValue.FromUtf8(value.NumberText);
                else if (value.Kind == RecordValueKind.Boolean) value = RecordValue.From(value.ToText());
                return null;
            default:
                ToWhatItLooksLike(ref value);
                return null;
        }
    }

    private static string? ToInteger(ref RecordValue value, long min, long max, string outOfRange)
    {
        var text = TextOf(value);
        if (!TryParseInteger(text, out var number, out var isInteger)) return isInteger ? outOfRange : "is not an integer";
        if (number < min || number > max) return outOfRange;
        if (value.Kind != RecordValueKind.Number) value = RecordValue.From(number);
        return null;
    }

    /// <param name="isInteger">Whether the text is an integer, if perhaps one that is too large.</param>
    private static bool TryParseInteger(ReadOnlySpan<byte> text, out long number, out bool isInteger)
    {
        var digits = text is [(byte)'-' or (byte)'+', ..] ? text[1..] : text;
        if (digits is [(byte)'0', (byte)'x' or (byte)'X', ..])
        {
            digits = digits[2..];
            number = 0;
            isInteger = !digits.IsEmpty && !digits.ContainsAnyExcept(HexDigits);
            if (!isInteger || !ulong.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var size)) return false;
            var isNegative = text[0] == (byte)'-';
            if (size > (isNegative ? 1UL << 63 : long.MaxValue)) return false;
            number = isNegative ? unchecked(-(long)size) : (long)size;
            return true;
        }

        isInteger = !digits.IsEmpty && !digits.ContainsAnyExceptInRange((byte)'0', (byte)'9');
        return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number) && isInteger;
    }

    /// <summary>A number keeps its text where that has no more digits than the type; else it gets the text of the nearest value.</summary>
    private static string? ToNumber(ref RecordValue value, int exactDigits, Func<string, RecordValue> parse)
    {
        if (value.Kind == RecordValueKind.Boolean) return "is not a number";
        var number = value;
        if (number.Kind == RecordValueKind.Number || value.TryReadNumber(out number))
        {
            if (HasAtMost(exactDigits, number.NumberText))
            {
                value = number;
                return null;
            }
        }

        var parsed = parse(value.ToText());
        if (parsed.Kind == RecordValueKind.Absent) return number.Kind == RecordValueKind.Number ? "is out of range" : "is not a number";
        value = parsed;
        return null;
    }

    /// <summary>Whether the number has so few digits and no exponent, so that no type it is meant for rounds it.</summary>
    private static bool HasAtMost(int digits, ReadOnlySpan<byte> number) => number.Length <= LongestExact && number.TrimStart("-0."u8).Length <= digits && !number.ContainsAny((byte)'e', (byte)'E');

    private static RecordValue ParseDouble(string text) =>
        double.TryParse(text, Decimals, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? RecordValue.From(number) : default;

    private static bool ToBoolean(ref RecordValue value)
    {
        if (value.Kind == RecordValueKind.Boolean) return true;
        if (value.Kind != RecordValueKind.String) return false;
        var text = value.GetString();
        var isTrue = text.Equals("true", StringComparison.OrdinalIgnoreCase);
        if (!isTrue && !text.Equals("false", StringComparison.OrdinalIgnoreCase)) return false;
        value = RecordValue.From(isTrue);
        return true;
    }

    private static void ToWhatItLooksLike(ref RecordValue value)
    {
        if (value.Kind != RecordValueKind.String || ToBoolean(ref value)) return;
        if (value.TryReadNumber(out var exact)) value = exact;
        else if (TryParseInteger(TextOf(value), out var integer, out _)) value = RecordValue.From(integer);
        else if (ParseDouble(value.GetString()) is { Kind: RecordValueKind.Number } number) value = number;
    }

    private static ReadOnlySpan<byte> TextOf(RecordValue value)
    {
        if (value.Kind == RecordValueKind.Number) return value.NumberText;
        return value.TryGetUtf8(out var text) ? text : Encoding.UTF8.GetBytes(value.ToText());
    }
}
