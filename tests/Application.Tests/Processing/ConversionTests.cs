namespace DataPipeline.Application.Tests.Processing;

public sealed class ConversionTests
{
    [Theory]
    [InlineData("integer", "\"12\"", "12")]
    [InlineData("integer", "\"+12\"", "12")]
    [InlineData("integer", "\"-012\"", "-12")]
    [InlineData("integer", "12", "12")]
    [InlineData("integer", "\"0x1F\"", "31")]
    [InlineData("integer", "\"-0x80000000\"", "-2147483648")]
    [InlineData("integer", "2147483648", "CONVERSION_FAILED a: 2147483648 is out of the range of an integer of 32 bits")]
    [InlineData("integer", "\"0xFFFFFFFF\"", "CONVERSION_FAILED a: \"0xFFFFFFFF\" is out of the range of an integer of 32 bits")]
    [InlineData("integer", "12.5", "CONVERSION_FAILED a: 12.5 is not an integer")]
    [InlineData("integer", "\"\"", "CONVERSION_FAILED a: \"\" is not an integer")]
    [InlineData("integer", "\"0x\"", "CONVERSION_FAILED a: \"0x\" is not an integer")]
    [InlineData("integer", "true", "CONVERSION_FAILED a: true is not an integer")]
    [InlineData("integer", "[\"1\",2]", "[1,2]")]
    [InlineData("integer", "[\"1\",\"x\"]", "CONVERSION_FAILED a: \"x\" is not an integer")]
    [InlineData("integer", "{}", "TYPE_MISMATCH a: {} is not a text, a number or a boolean")]
    [InlineData("integer", "[null]", "TYPE_MISMATCH a: null is not a text, a number or a boolean")]
    [InlineData("long", "\"9223372036854775807\"", "9223372036854775807")]
    [InlineData("long", "\"-0x8000000000000000\"", "-9223372036854775808")]
    [InlineData("long", "\"0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF\"", "CONVERSION_FAILED a: \"0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF\" is out of the range of an integer of 64 bits")]
    [InlineData("long", "9223372036854775808", "CONVERSION_FAILED a: 9223372036854775808 is out of the range of an integer of 64 bits")]
    [InlineData("double", "\"1.10\"", "1.10")]
    [InlineData("double", "\"\\u0031.5\"", "1.5")]
    [InlineData("double", "\" .5 \"", "0.5")]
    [InlineData("double", "\"1e3\"", "1000")]
    [InlineData("double", "12345678901234567890", "1.2345678901234567E+19")]
    [InlineData("double", "\"abc\"", "CONVERSION_FAILED a: \"abc\" is not a number")]
    [InlineData("double", "\"1,000\"", "CONVERSION_FAILED a: \"1,000\" is not a number")]
    [InlineData("double", "\"NaN\"", "CONVERSION_FAILED a: \"NaN\" is not a number")]
    [InlineData("double", "1e999", "CONVERSION_FAILED a: 1e999 is out of range")]
    [InlineData("double", "true", "CONVERSION_FAILED a: true is not a number")]
    [InlineData("float", "\"0.1234567891\"", "0.12345679")]
    [InlineData("float", "1e39", "CONVERSION_FAILED a: 1e39 is out of range")]
    [InlineData("decimal", "\"12345678901234567890.10\"", "12345678901234567890.10")]
    [InlineData("decimal", "\"1e2\"", "100")]
    [InlineData("decimal", "1e30", "CONVERSION_FAILED a: 1e30 is out of range")]
    [InlineData("boolean", "\"TRUE\"", "true")]
    [InlineData("boolean", "\"false\"", "false")]
    [InlineData("boolean", "false", "false")]
    [InlineData("boolean", "1", "CONVERSION_FAILED a: 1 is not a boolean")]
    [InlineData("boolean", "\"yes\"", "CONVERSION_FAILED a: \"yes\" is not a boolean")]
    [InlineData("string", "1.10", "\"1.10\"")]
    [InlineData("string", "true", "\"true\"")]
    [InlineData("string", "\"x\"", "\"x\"")]
    [InlineData("auto", "\"1.10\"", "1.10")]
    [InlineData("auto", "\"True\"", "true")]
    [InlineData("auto", "\"0x10\"", "16")]
    [InlineData("auto", "\"-.5\"", "-0.5")]
    [InlineData("auto", "\"x\"", "\"x\"")]
    [InlineData("auto", "[\"1\",\"x\",null]", "TYPE_MISMATCH a: null is not a text, a number or a boolean")]
    public void Convert(string type, string value, string expected) =>
        Assert.Equal(expected.Contains(": ", StringComparison.Ordinal) ? expected : $$"""{"a":{{expected}}}""", Engine.RunStep("convert", $$"""{"field":"a","type":"{{type}}"}""", $$"""{"a":{{value}}}"""));

    [Fact]
    public void AFailure_ShowsTheFirst200CharactersOfTheValue()
    {
        var message = Engine.RunStep("convert", """{"field":"a","type":"long"}""", $$"""{"a":"{{new string('x', 500)}}"}""");
        Assert.Equal($"CONVERSION_FAILED a: \"{new string('x', 199)}… is not an integer", message);
    }

    [Theory]
    [InlineData("\"ISO8601\"", "\"2026-01-02T03:04:05Z\"", "2026-01-02T03:04:05Z")]
    [InlineData("\"ISO8601\"", "\"2026-01-02T03:04:05.1200+02:00\"", "2026-01-02T01:04:05.12Z")]
    [InlineData("\"ISO8601\"", "\"2026-01-02T03:04:05-0130\"", "2026-01-02T04:34:05Z")]
    [InlineData("\"ISO8601\"", "\"2026-01-02T03:04:05.123456789+01\"", "2026-01-02T02:04:05.1234567Z")]
    [InlineData("\"ISO8601\"", "\"2026-01-02\"", "2026-01-02T00:00:00Z")]
    [InlineData("\"ISO8601\"", "\"2026-02\"", "2026-02-01T00:00:00Z")]
    [InlineData("\"ISO8601\"", "\"2026-01-02T03\"", "2026-01-02T03:00:00Z")]
    [InlineData("\"ISO8601\"", "\"2026-02-30\"", null)]
    [InlineData("\"ISO8601\"", "\"2026-1-2\"", null)]
    [InlineData("\"ISO8601\"", "\"2026-01-02T03:04:05x\"", null)]
    [InlineData("\"ISO8601\"", "\"2026-01-02T25:00\"", null)]
    [InlineData("\"ISO8601\"", "\"2026-01-02T03:04:05.\"", null)]
    [InlineData("\"ISO8601\"", "\"0001-01-01T00:00:00+01:00\"", null)]
    [InlineData("\"UNIX\"", "1767323045", "2026-01-02T03:04:05Z")]
    [InlineData("\"UNIX\"", "\"1767323045.5\"", "2026-01-02T03:04:05.5Z")]
    [InlineData("\"UNIX\"", "-1", "1969-12-31T23:59:59Z")]
    [InlineData("\"UNIX\"", "1e20", null)]
    [InlineData("\"UNIX\"", "-99999999999", null)]
    [InlineData("\"UNIX_MS\"", "1767323045123", "2026-01-02T03:04:05.123Z")]
    [InlineData("[\"dd.MM.yyyy HH:mm\",\"yyyy-MM-dd\"]", "\"02.01.2026 03:04\"", "2026-01-02T03:04:00Z")]
    [InlineData("[\"dd.MM.yyyy HH:mm\",\"yyyy-MM-dd\"]", "\"2026-01-02\"", "2026-01-02T00:00:00Z")]
    [InlineData("\"yyyy-MM-ddTHH:mm:ssZ\"", "\"2026-01-02T03:04:05Z\"", "2026-01-02T03:04:05Z")]
    [InlineData("\"yyyy-MM-dd'T'HH:mm:sszzz\"", "\"2026-01-02T03:04:05+02:00\"", "2026-01-02T01:04:05Z")]
    [InlineData("\"d MMM yyyy\"", "\"2 Jan 2026\"", "2026-01-02T00:00:00Z")]
    [InlineData("\"MMM d HH:mm:ss\"", "\"Feb 3 04:05:06\"", "2026-02-03T04:05:06Z")]
    [InlineData("\"MM-dd\"", "\"02-29\"", null)]
    [InlineData("\"HH:mm\"", "\"04:05\"", "2026-01-01T04:05:00Z")]
    [InlineData("\"yyyy\"", "2026", "2026-01-01T00:00:00Z")]
    [InlineData("\"d\"", "\"5\"", "2026-01-05T00:00:00Z")]
    public void Date(string formats, string value, string? expected)
    {
        var result = Engine.RunStep("date", $$"""{"field":"a","formats":{{formats}}}""", $$"""{"a":{{value}}}""");
        Assert.Equal(expected is null ? $"CONVERSION_FAILED a: {value} is not a date in the given format" : $$"""{"a":"{{expected}}"}""", result);
    }

    [Theory]
    [InlineData(""","timezone":"Europe/Berlin"}""", "2026-07-01 12:00", "2026-07-01T10:00:00Z")]
    [InlineData(""","timezone":"Europe/Berlin"}""", "2026-03-29 02:30", "2026-03-29T01:30:00Z")]
    [InlineData(""","timezone":"Europe/Berlin","outputFormat":"dd.MM.yyyy HH:mm zzz"}""", "2026-07-01 12:00", "01.07.2026 12:00 +02:00")]
    [InlineData(""","outputFormat":"d. MMMM yyyy","locale":"de-DE"}""", "2026-03-01 12:00", "1. März 2026")]
    [InlineData(""","outputFormat":"yyyyMMddTHHmmssZ"}""", "2026-03-01 12:00", "20260301T120000Z")]
    [InlineData(""","outputFormat":"ISO8601"}""", "2026-03-01 12:00", "2026-03-01T12:00:00Z")]
    public void Date_HasAZoneALocaleAndAnOutputFormat(string more, string value, string expected) =>
        Assert.Equal($$"""{"a":"{{expected}}"}""", Engine.RunStep("date", $$"""{"field":"a","formats":"yyyy-MM-dd HH:mm"{{more}}""", $$"""{"a":"{{value}}"}"""));

    [Theory]
    [InlineData("""{"field":"a","formats":["yyyy","YYYY-MM-DD"]}""", "options.formats[1]")]
    [InlineData("""{"field":"a","formats":"yyyy-MM-dd 'x"}""", "options.formats[0]")]
    [InlineData("""{"field":"a","formats":"ffffffffff"}""", "options.formats[0]")]
    [InlineData("""{"field":"a","formats":""}""", "options.formats[0]")]
    [InlineData("""{"field":"a","formats":[]}""", "options.formats")]
    [InlineData("""{"field":"a","formats":"UNIX","timezone":"Mars/Base"}""", "options.timezone")]
    [InlineData("""{"field":"a","formats":"UNIX","locale":"xx-nowhere"}""", "options.locale")]
    [InlineData("""{"field":"a","formats":"UNIX","outputFormat":"bogus"}""", "options.outputFormat")]
    public void Date_RefusesWhatItDoesNotKnow(string options, string field) => Assert.Equal($"config.processors[0].{field}", Engine.Fault("date", options).Field);
}
