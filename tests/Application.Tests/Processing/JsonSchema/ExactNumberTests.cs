using System.Numerics;
using System.Text;
using CsCheck;
using DataPipeline.Application.Processing.JsonSchema;

namespace DataPipeline.Application.Tests.Processing.JsonSchema;

public class ExactNumberTests
{
    private const int Scale = 90;

    /// <summary>Numbers in all spellings, with up to 45 digits before and after the point and small exponents, so that they are integers after multiplication by 10^90.</summary>
    private static readonly Gen<string> Number = Gen.Select(
        Gen.Bool,
        Gen.OneOf(Gen.Const("0"), Gen.Int[1, 99].Select(n => $"{n}"), Gen.String[Gen.Char['0', '9'], 1, 45].Select(digits => $"1{digits}"), Gen.Const("100000000000000000000"), Gen.Const("999999999999999999")),
        Gen.OneOf(Gen.Const(""), Gen.Int[0, 99].Select(n => $".{n}"), Gen.String[Gen.Char['0', '9'], 1, 45].Select(digits => $".{digits}"), Gen.Const(".000"), Gen.Const(".500")),
        Gen.OneOf(Gen.Const(""), Gen.Int[-40, 40].Select(n => $"e{n}"), Gen.Int[0, 40].Select(n => $"E+{n}")),
        (negative, integer, fraction, exponent) => (negative ? "-" : "") + integer + fraction + exponent);

    [Fact]
    public void Compare_AndHash_AgreeWithIntegers() => Gen.Select(Number, Number).Sample((left, right) =>
    {
        var order = ExactNumber.Compare(Parse(left), Parse(right));
        Assert.Equal(Scaled(left).CompareTo(Scaled(right)), Math.Sign(order));
        Assert.Equal(0, ExactNumber.Compare(Parse(left), Parse(left)));
        if (order == 0) Assert.Equal(HashOf(left), HashOf(right));
    });

    [Fact]
    public void Compare_OfTheSameNumberSpeltOtherwise_IsEqual() => Gen.Select(Number, Gen.Int[0, 30]).Sample((number, shift) =>
    {
        var other = Spelt(Scaled(number), Scale + shift, shift);
        Assert.Equal(0, ExactNumber.Compare(Parse(number), Parse(other)));
        Assert.Equal(HashOf(number), HashOf(other));
    });

    [Fact]
    public void IsInteger_AgreesWithIntegers() => Number.Sample(number => Assert.Equal(Scaled(number) % BigInteger.Pow(10, Scale) == 0, Parse(number).IsInteger));

    [Fact]
    public void IsMultipleOf_AgreesWithIntegers() => Gen.Select(Number, Number, Gen.Int[0, 1000], Gen.Bool).Where(t => Scaled(t.Item2) > 0).Sample((number, divisor, factor, isMultiple) =>
    {
        if (isMultiple) number = Spelt(Scaled(divisor) * factor, Scale, 0);
        Assert.Equal(Scaled(number) % Scaled(divisor) == 0, Parse(number).IsMultipleOf(Parse(divisor)));
    });

    [Theory]
    [InlineData("0", 0)]
    [InlineData("2.0", 2)]
    [InlineData("1e17", 100_000_000_000_000_000)]
    [InlineData("123e3", 123_000)]
    [InlineData("1e18", long.MaxValue)]
    [InlineData("1e999999999999999999999", long.MaxValue)]
    public void ToCount_BeyondWhatCanBeCounted_IsTheLargest(string number, long count) => Assert.Equal(count, Parse(number).ToCount());

    private static ExactNumber Parse(string number) => ExactNumber.Parse(Encoding.ASCII.GetBytes(number));

    private static int HashOf(string number)
    {
        var hash = new HashCode();
        Parse(number).AddTo(ref hash);
        return hash.ToHashCode();
    }

    /// <summary>The number times 10^90.</summary>
    private static BigInteger Scaled(string number)
    {
        var e = number.IndexOfAny(['e', 'E']);
        var exponent = e < 0 ? 0 : int.Parse(number.AsSpan(e + 1), provider: null);
        var mantissa = e < 0 ? number : number[..e];
        var point = mantissa.IndexOf('.', StringComparison.Ordinal);
        var decimals = point < 0 ? 0 : mantissa.Length - point - 1;
        return BigInteger.Parse(mantissa.Replace(".", "", StringComparison.Ordinal), provider: null) * BigInteger.Pow(10, Scale + exponent - decimals);
    }

    /// <summary>The number n / 10^<see cref="Scale"/> as an integer with an exponent and trailing zeros.</summary>
    private static string Spelt(BigInteger n, int exponent, int zeros) => $"{n}{new string('0', zeros)}e-{exponent}";
}
