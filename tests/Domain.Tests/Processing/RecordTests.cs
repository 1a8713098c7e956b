using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using CsCheck;
using DataPipeline.Domain.Processing;
using Record = DataPipeline.Domain.Processing.Record;

namespace DataPipeline.Domain.Tests.Processing;

public sealed class RecordTests
{
    private static readonly string[] Names = ["a", "b", "a.b", "é", "x'y", "q\"", "0", "1", "tab\t"];

    private static readonly Gen<string> Text = Gen.OneOf(
        Gen.String,
        Gen.OneOf("", "plain", "é", "\ud800", "a\udc00b", "\0", "line\nfeed", "\"quoted\"", "\\"));

    private static readonly Gen<RecordValue> Scalar = Gen.OneOf(
        Text.Select(text => RecordValue.From(text)),
        Gen.Long.Select(number => RecordValue.From(number)),
        Gen.OneOf("1.10", "-0", "12345678901234567890", "1e400", "0.1E-7").Select(Number),
        Gen.Bool.Select(RecordValue.From),
        Gen.Const(RecordValue.Null));

    private static readonly Gen<RecordValue> Value = Gen.Recursive<RecordValue>((depth, inner) => depth > 3
        ? Scalar
        : Gen.Frequency(
            (3, Scalar),
            (1, inner.Array[0, 4].Select(items => RecordValue.FromArray(items))),
            (2, ObjectOf(inner))));

    private static readonly Gen<RecordValue> Root = ObjectOf(Value);

    private static readonly Gen<FieldPath> Path = Gen.OneOf(Names).Array[1, 4].Select(segments => FieldPath.Of(segments));

    [Fact]
    public void Parse_OfWhatWasWritten_IsTheSame() => Root.Sample(value =>
    {
        var json = Json(Record.Of(value));
        using var document = JsonDocument.Parse(json);
        var parsed = Parse(json);
        Assert.Equal(value, parsed.Root);
        Assert.Equal(value.GetHashCode(), parsed.Root.GetHashCode());
        Assert.Equal(json, Json(parsed));
    });

    [Fact]
    public void Get_AfterSet_IsWhatWasSet() => Gen.Select(Root, Path, Value).Sample((root, path, value) =>
    {
        var record = Parse(Json(Record.Of(root)));
        var before = record.Snapshot();
        if (record.TrySet(path, value))
        {
            Assert.Equal(value, record.Get(path));
            Assert.Equal(value, record.Root.Get(path));
            Assert.Equal(value, Parse(Json(record)).Get(path));
        }
        else
        {
            Assert.Equal(root, record.Root);
        }

        Assert.Equal(root, before);
        record.Restore(before);
        Assert.Equal(Json(Record.Of(root)), Json(record));
    });

    [Fact]
    public void ASet_IsRefused_ExactlyWhereTheRecordWouldBeTooLong() => Gen.Select(Root, Gen.Select(Path, Value).Array[1, 8], Gen.Int[0, 60]).Sample((root, changes, room) =>
    {
        var json = Encoding.UTF8.GetBytes(Json(Record.Of(root)));
        var (record, unbounded) = (new Record(json.Length + room), new Record());
        Assert.True(record.TryReparse(json) && unbounded.TryReparse(json));
        foreach (var (path, value) in changes)
        {
            var before = unbounded.Snapshot();
            var isPossible = unbounded.TrySet(path, value);
            var fits = Encoding.UTF8.GetByteCount(Json(unbounded)) <= json.Length + room;
            Assert.Equal(isPossible && fits, record.TrySet(path, value));
            Assert.True(record.EndRefusal() == !fits || !isPossible);
            if (!fits) unbounded.Restore(before);
            Assert.Equal(Json(unbounded), Json(record));
        }
    });

    [Fact]
    public void ARestore_IsRefused_ExactlyWhereTheRecordWouldBeTooLong() => Gen.Select(Root, Root).Sample((root, other) =>
    {
        var json = Encoding.UTF8.GetBytes(Json(Record.Of(root)));
        var record = new Record(json.Length);
        Assert.True(record.TryReparse(json));
        record.Restore(other);
        var fits = Encoding.UTF8.GetByteCount(Json(Record.Of(other))) <= json.Length;
        Assert.Equal(!fits, record.EndRefusal());
        Assert.Equal(fits ? other : root, record.Root);
    });

    [Fact]
    public void AfterARefusal_NothingIsWritten_UntilItsEnd()
    {
        var record = new Record(20);
        Assert.True(record.TryReparse("""{"a":1}"""u8.ToArray()));
        Assert.False(record.TrySet(FieldPath.Parse("b"), RecordValue.From("much too long")));
        Assert.False(record.TrySet(FieldPath.Parse("b"), RecordValue.From(1)));
        Assert.True(record.EndRefusal());
        Assert.True(record.TrySet(FieldPath.Parse("b"), RecordValue.From(1)));
        Assert.Equal("""{"a":1,"b":1}""", Json(record));
    }

    [Fact]
    public void ARecordThatWasSubmittedLonger_MayStayAsLong()
    {
        var record = new Record(4);
        Assert.True(record.TryReparse("""{"a":1,"b":"x"}"""u8.ToArray()));
        Assert.False(record.TrySet(FieldPath.Parse("b"), RecordValue.From("xy")));
        Assert.True(record.EndRefusal());
        Assert.True(record.TrySet(FieldPath.Parse("b"), RecordValue.From("y")));
    }

    [Fact]
    public void AValueThatSharesItsParts_IsMeasuredWithoutBeingWritten()
    {
        var value = RecordValue.From("ha");
        for (var i = 0; i < 100; i++) value = RecordValue.FromArray([value, value]);
        var record = new Record(1_000_000);
        Assert.False(record.TrySet(FieldPath.Parse("a"), value));
        Assert.True(record.EndRefusal());
        record.Restore(RecordValue.FromObject([new("a", value)]));
        Assert.True(record.EndRefusal());
        Assert.Equal("{}", Json(record));
    }

    [Fact]
    public void AValueThatIsNestedTooDeep_CannotBeMade()
    {
        var value = RecordValue.Null;
        for (var i = 0; i < RecordValue.MaxDepth; i++) value = RecordValue.FromArray([value]);
        Assert.Throws<ArgumentException>(() => RecordValue.FromArray([value]));
        Assert.Throws<ArgumentException>(() => RecordValue.FromObject([new("a", value)]));
        Assert.False(new Record().TrySet(FieldPath.Parse("a"), value));
        Assert.Throws<ArgumentException>(() => new Record().Restore(RecordValue.FromObject([new("a", value.Get(FieldPath.Of([.. Enumerable.Repeat("0", 64)])))])));
    }

    [Fact]
    public void Set_OfWhatIsThere_ChangesNothing() => Gen.Select(Root, Path).Sample((root, path) =>
    {
        var record = Parse(Json(Record.Of(root)));
        var present = record.Get(path);
        if (present.Kind == RecordValueKind.Absent) return;
        Assert.True(record.TrySet(path, present));
        Assert.Equal(root, record.Root);
    });

    [Fact]
    public void Remove_TakesAwayWhatIsThere() => Gen.Select(Root, Path).Sample((root, path) =>
    {
        var record = Parse(Json(Record.Of(root)));
        var present = record.Get(path);
        var parent = path.Segments.Count == 1 ? record.Root : record.Get(FieldPath.Of([.. path.Segments.SkipLast(1)]));
        Assert.Equal(present.Kind != RecordValueKind.Absent, record.Remove(path));
        if (present.Kind == RecordValueKind.Absent)
        {
            Assert.Equal(root, record.Root);
            return;
        }

        var left = path.Segments.Count == 1 ? record.Root : record.Get(FieldPath.Of([.. path.Segments.SkipLast(1)]));
        Assert.Equal(parent.Count - 1, left.Count);
        if (parent.Kind == RecordValueKind.Object) Assert.Equal(RecordValueKind.Absent, record.Get(path).Kind);
        Assert.Equal(record.Root, Parse(Json(record)).Root);
    });

    [Fact]
    public void ValuesTakenBefore_AreNotChangedByTheRecord() => Gen.Select(Root, Path, Path, Value).Sample((root, read, write, value) =>
    {
        var record = Parse(Json(Record.Of(root)));
        var taken = record.Get(read);
        var text = taken.ToJson();
        record.TrySet(write, value);
        record.Remove(write);
        Assert.Equal(text, taken.ToJson());
    });

    [Fact]
    public void Numbers_CompareAsExactlyAsDecimals() => Gen.Select(Gen.Decimal[-1e6m, 1e6m], Gen.Decimal[-1e6m, 1e6m], Gen.Int[0, 6]).Sample((a, b, digits) =>
    {
        (a, b) = (decimal.Round(a, digits), decimal.Round(b, digits));
        Assert.Equal(Math.Sign(a.CompareTo(b)), RecordValue.CompareNumbers(RecordValue.From(a), RecordValue.From(b)));
        var scaled = Number(string.Create(CultureInfo.InvariantCulture, $"{a * 1000}e-3"));
        Assert.Equal(RecordValue.From(a), scaled);
        Assert.Equal(RecordValue.From(a).GetHashCode(), scaled.GetHashCode());
    });

    [Theory]
    [InlineData("0", "-0.0e5", 0)]
    [InlineData("1", "1.000", 0)]
    [InlineData("10", "1e1", 0)]
    [InlineData("0.001", "1E-3", 0)]
    [InlineData("100", "99.999", 1)]
    [InlineData("-100", "-99.999", -1)]
    [InlineData("-1", "1", -1)]
    [InlineData("0", "1e-999", -1)]
    [InlineData("12345678901234567890", "12345678901234567891", -1)]
    [InlineData("1e400", "1e399", 1)]
    [InlineData("1e99999999999999999999", "1e5", 1)]
    [InlineData("1e-99999999999999999999", "1e-5", -1)]
    [InlineData("123", "12", 1)]
    [InlineData("1.01", "1.1", -1)]
    public void Numbers_CompareByValue(string left, string right, int expected)
    {
        Assert.Equal(expected, RecordValue.CompareNumbers(Number(left), Number(right)));
        Assert.Equal(-expected, RecordValue.CompareNumbers(Number(right), Number(left)));
        Assert.Equal(expected == 0, Number(left) == Number(right));
        Assert.Equal(expected != 0, Number(left) != Number(right));
    }

    [Theory]
    [InlineData("01")]
    [InlineData("+1")]
    [InlineData("1.")]
    [InlineData(".5")]
    [InlineData("1e")]
    [InlineData("")]
    [InlineData("-")]
    [InlineData("NaN")]
    [InlineData("1 ")]
    public void TryParseNumber_RefusesWhatJsonDoes(string text) => Assert.False(RecordValue.TryParseNumber(Encoding.UTF8.GetBytes(text), out _));

    [Fact]
    public void UntouchedParts_AreWrittenAsTheyWere()
    {
        var record = Parse("""{ "n" : 1.10, "u":"\u0041\ud800\u0000", "o" : { "x" : [ 1 , 2 ] }, "big":12345678901234567890 }""");
        Assert.Equal("""{ "n" : 1.10, "u":"\u0041\ud800\u0000", "o" : { "x" : [ 1 , 2 ] }, "big":12345678901234567890 }""", Json(record));
        Assert.True(record.TrySet(FieldPath.Parse("a"), RecordValue.From("\ud800\"é")));
        Assert.Equal("""{"n":1.10,"u":"\u0041\ud800\u0000","o":{ "x" : [ 1 , 2 ] },"big":12345678901234567890,"a":"\ud800\"é"}""", Json(record));
        Assert.Equal("A\ud800\0", record.Get(FieldPath.Parse("u")).GetString());
    }

    [Fact]
    public void EscapedNames_AreFound()
    {
        var record = Parse("""{"\u0061":{"x\"y":1}}""");
        Assert.Equal("1", record.Get(FieldPath.Parse("a.x\"y")).ToText());
        Assert.True(record.TrySet(FieldPath.Parse("a.x\"y"), RecordValue.From(2)));
        Assert.Equal("""{"\u0061":{"x\"y":2}}""", Json(record));
        Assert.Equal(["a"], record.Root.EnumerateObject().Select(property => property.Key));
        Assert.Equal(2, record.Root.GetProperty("a").GetProperty("x\"y").NumberText[0] - '0');
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("{\"a\"")]
    [InlineData("{\"a\":")]
    [InlineData("{\"a\":1")]
    [InlineData("{\"a\":x}")]
    [InlineData("{\"a\":1,}")]
    [InlineData("{\"a\":\"x}")]
    [InlineData("{\"a\":[1}")]
    [InlineData("{\"a\" 1}")]
    [InlineData("{\"a\":1 \"b\":2}")]
    [InlineData("{a:1}")]
    [InlineData("{} x")]
    public void TryParse_RefusesWhatIsNoObject(string json) => Assert.False(Record.TryParse(Encoding.UTF8.GetBytes(json), out _));

    [Fact]
    public void DamagedText_NeverThrows() => Gen.Select(Root, Gen.Int[0, 1000], Gen.Byte, Path).Sample((root, at, damage, path) =>
    {
        var json = Encoding.UTF8.GetBytes(Json(Record.Of(root)));
        json[at % json.Length] = damage;
        if (!Record.TryParse(json, out var record)) return;
        _ = record.Get(path).ToText();
        _ = record.Root.GetHashCode();
        _ = record.Root.Equals(root);
        record.TrySet(path, RecordValue.Null);
        _ = Json(record);
    });

    [Fact]
    public void Nesting_IsBounded()
    {
        var deep = string.Concat(Enumerable.Repeat("{\"a\":", 64)) + "1" + new string('}', 64);
        Assert.True(Record.TryParse(Encoding.UTF8.GetBytes(deep), out var record));
        Assert.False(Record.TryParse(Encoding.UTF8.GetBytes($"{{\"a\":{{\"a\":{deep}}}}}"), out _));
        var writes = 0;
        while (writes < 1_000 && record.TrySet(FieldPath.Parse("a.b"), record.Get(FieldPath.Parse("a")))) writes++;
        Assert.InRange(writes, 1, Record.MaxDepth);
        Assert.NotEmpty(Json(record));
        Assert.Equal(record.Root, Record.Of(record.Root).Root);
    }

    [Fact]
    public void Reparse_LeavesWhatOthersHoldAlone()
    {
        var record = new Record();
        Assert.True(record.TryReparse("""{"a":1,"b":{"c":[1,{"d":2}]}}"""u8.ToArray()));
        var nested = record.Get(FieldPath.Parse("b.c.1"));
        var snapshot = record.Snapshot();
        Assert.True(record.TryReparse("""{"x":1}"""u8.ToArray()));
        Assert.Equal("""{"x":1}""", Json(record));
        Assert.Equal("""{"d":2}""", nested.ToJson());
        Assert.Equal("""{"a":1,"b":{"c":[1,{"d":2}]}}""", snapshot.ToJson());
        Assert.False(record.TryReparse("[]"u8.ToArray()));
        Assert.True(record.TryReparse("{}"u8.ToArray()));
        Assert.Equal("{}", Json(record));
    }

    [Theory]
    [InlineData("""{"a":1}""", true)]
    [InlineData(""" [1, "x"] """, true)]
    [InlineData("\"\\ud800\"", true)]
    [InlineData("""{"a":1,"a":2}""", false)]
    [InlineData("""{"a":1""", false)]
    [InlineData("", false)]
    [InlineData("1 2", false)]
    public void TryParse_OfAnyJson(string json, bool isJson)
    {
        Assert.Equal(isJson, RecordValue.TryParse(Encoding.UTF8.GetBytes(json), out var value));
        Assert.Equal(isJson ? json.Trim() : "", value.ToJson());
    }

    [Fact]
    public void Values_OfEveryKind_TellWhatTheyAre()
    {
        Assert.Equal("1.5", RecordValue.From(1.5).ToText());
        Assert.Equal("0.1", RecordValue.From(0.1f).ToText());
        Assert.Equal("1.50", RecordValue.From(1.50m).ToText());
        Assert.Equal("-9223372036854775808", RecordValue.From(long.MinValue).ToText());
        Assert.Equal("2026-01-02T03:04:05Z", RecordValue.From(new DateTimeOffset(2026, 1, 2, 4, 4, 5, TimeSpan.FromHours(1))).ToText());
        Assert.Equal("2026-01-02T03:04:05.12Z", RecordValue.From(new DateTimeOffset(2026, 1, 2, 3, 4, 5, 120, TimeSpan.Zero)).ToText());
        Assert.Equal("", RecordValue.Null.ToText());
        Assert.Equal("", RecordValue.Absent.ToJson());
        Assert.Equal("null", RecordValue.Null.ToString());
        Assert.Equal("true", RecordValue.From(true).ToText());
        Assert.True(RecordValue.From(true).GetBoolean());
        Assert.Equal("", RecordValue.From(1).GetString());
        Assert.Equal("a\"é", RecordValue.FromUtf8("a\"é"u8).GetString());
        Assert.Equal("aé", RecordValue.FromUtf8("aé"u8).GetString());
        Assert.Equal("a\ufffd", RecordValue.FromUtf8([(byte)'a', 0xff]).GetString());
        Assert.Equal(RecordValue.From("x"), RecordValue.FromUtf8("x"u8));
        Assert.NotEqual(RecordValue.From("1"), RecordValue.From(1));
        Assert.Equal(RecordValueKind.Absent, RecordValue.From(1)[0].Kind);
        Assert.Equal(0, RecordValue.From(1).Count);
        Assert.Empty(RecordValue.From(1).EnumerateArray());
        Assert.Empty(RecordValue.From(1).EnumerateObject());
        Assert.Equal(RecordValueKind.Absent, RecordValue.From(1).GetProperty("a").Kind);
        Assert.Throws<ArgumentOutOfRangeException>(() => RecordValue.From(double.NaN));
        Assert.Throws<ArgumentOutOfRangeException>(() => RecordValue.From(float.PositiveInfinity));
        Assert.Throws<ArgumentException>(() => RecordValue.CompareNumbers(RecordValue.From(1), RecordValue.Null));
        Assert.Throws<ArgumentException>(() => Record.Of(RecordValue.Null));
        Assert.Throws<ArgumentException>(() => Parse("{}").Restore(RecordValue.Null));
        Assert.Throws<ArgumentException>(() => Parse("{}").TrySet(FieldPath.Parse("a"), RecordValue.Absent));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(16)]
    [InlineData(17)]
    [InlineData(50)]
    public void FromObject_OfNamesThatRepeat_TakesTheLast_InThePlaceOfTheFirst(int count)
    {
        string[] names = ["\"quoted\"", "\ud800", "\ufffd", "é", .. Enumerable.Range(0, count).Select(i => $"name{i}")];

        var value = RecordValue.FromObject([.. names.Select(name => KeyValuePair.Create(name, RecordValue.From(1))), .. names.Reverse().Select(name => KeyValuePair.Create(name, RecordValue.From(2)))]);

        Assert.Equal(names, value.EnumerateObject().Select(property => property.Key));
        Assert.All(value.EnumerateObject(), property => Assert.Equal(RecordValue.From(2), property.Value));
    }

    [Fact]
    public void TryReadNumber_ReadsWhatATextHolds()
    {
        Assert.True(Parse("""{"a":"1.10"}""").Get(FieldPath.Parse("a")).TryReadNumber(out var number));
        Assert.Equal("1.10", number.ToText());
        Assert.True(RecordValue.From("5").TryReadNumber(out _));
        Assert.False(RecordValue.From("5x").TryReadNumber(out _));
        Assert.False(RecordValue.From(5).TryReadNumber(out _));
    }

    private static Gen<RecordValue> ObjectOf(Gen<RecordValue> value) =>
        Gen.Select(Gen.OneOf(Names), value).Array[0, 5].Select(properties => RecordValue.FromObject(properties.Select(property => new KeyValuePair<string, RecordValue>(property.Item1, property.Item2))));

    private static RecordValue Number(string text) => RecordValue.TryParseNumber(Encoding.UTF8.GetBytes(text), out var number) ? number : throw new FormatException(text);

    private static Record Parse(string json) => Record.TryParse(Encoding.UTF8.GetBytes(json), out var record) ? record : throw new FormatException(json);

    private static string Json(Record record)
    {
        var buffer = new ArrayBufferWriter<byte>();
        record.WriteTo(buffer);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
