using DataPipeline.Application.Tests.Processing;

namespace DataPipeline.Application.Tests.Processors;

/// <summary>The fingerprint processor, as far as it is about two records.</summary>
public sealed class FingerprintTests
{
    [Theory]
    [InlineData("""{"a":1,"b":2}""", """{"b":2,"a":1}""")]
    [InlineData("""{"a":{"x":[1],"y":"\u00e9"}}""", """{"a":{"y":"é","x":[1.0]}}""")]
    [InlineData("""{"a":100,"b":0.5}""", """{"a":1e2,"b":5.0E-1}""")]
    [InlineData("""{"a":-0}""", """{"a":0.0}""")]
    [InlineData("""{"a":1}""", """{"a":1,"z":"not among the fields"}""")]
    public void TheSameValues_HaveTheSameFingerprint(string one, string other) => Assert.Equal(FingerprintOf(one), FingerprintOf(other));

    [Theory]
    [InlineData("""{"a":1}""", """{"a":"1"}""")]
    [InlineData("""{"a":1}""", """{"a":2}""")]
    [InlineData("""{"a":1}""", """{"a":-1}""")]
    [InlineData("""{"a":1}""", """{"a":true}""")]
    [InlineData("""{"a":["x","y"]}""", """{"a":["y","x"]}""")]
    [InlineData("""{"a":["xy"]}""", """{"a":["x","y"]}""")]
    [InlineData("""{"a":"x","b":"yz"}""", """{"a":"xy","b":"z"}""")]
    [InlineData("""{"a":1,"b":2}""", """{"a":2,"b":1}""")]
    [InlineData("""{"a":{"x":1}}""", """{"a":{"y":1}}""")]
    [InlineData("""{"a":12345678901234567890}""", """{"a":12345678901234567891}""")]
    [InlineData("""{"a":"x"}""", """{"b":"x"}""")]
    public void OtherValues_HaveOtherFingerprints(string one, string other) => Assert.NotEqual(FingerprintOf(one), FingerprintOf(other));

    [Fact]
    public void TheOrderOfTheFields_DoesNotMatter() => Assert.Equal(
        FingerprintOf("""{"a":1,"b":2}""", """{"fields":["a","b"]}"""), FingerprintOf("""{"a":1,"b":2}""", """{"fields":["b","a","b"]}"""));

    [Fact]
    public void Salt_MakesAnotherFingerprint()
    {
        const string Record = """{"a":1}""";
        var unsalted = FingerprintOf(Record, """{"fields":"a"}""");
        var salted = FingerprintOf(Record, """{"fields":"a","salt":"s"}""");
        Assert.NotEqual(unsalted, salted);
        Assert.NotEqual(salted, FingerprintOf(Record, """{"fields":"a","salt":"t"}"""));
        Assert.Equal(salted, FingerprintOf(Record, """{"fields":"a","salt":"s"}"""));
    }

    [Theory]
    [InlineData("MD5", 32)]
    [InlineData("SHA-1", 40)]
    [InlineData("SHA-256", 64)]
    [InlineData("SHA-512", 128)]
    public void AFingerprint_IsTheLowerCaseHexadecimalOfItsMethod(string method, int length) =>
        Assert.Matches($"^[0-9a-f]{{{length}}}$", FingerprintOf("""{"a":true}""", $$"""{"fields":"a","method":"{{method}}"}"""));

    [Fact]
    public void Sha256_IsTheMethodUnlessTold() => Assert.Equal(FingerprintOf("""{"a":1}""", """{"fields":"a","method":"SHA-256"}"""), FingerprintOf("""{"a":1}""", """{"fields":"a"}"""));

    [Fact]
    public void MissingFields_AreLeftOut_WithIgnoreMissing() => Assert.Equal(
        FingerprintOf("""{"a":1}""", """{"fields":"a"}"""), FingerprintOf("""{"a":1,"b":null}""", """{"fields":["a","b"],"ignoreMissing":true}"""));

    private static string FingerprintOf(string record, string options = """{"fields":["a","b"],"ignoreMissing":true}""") => Engine
        .Run(Engine.Step("fingerprint", options) + "," + Engine.Step("remove", """{"keep":"fingerprint"}"""), record)
        .Replace("{\"fingerprint\":\"", "", StringComparison.Ordinal).Replace("\"}", "", StringComparison.Ordinal);
}
