using System.Text;
using CsCheck;
using DataPipeline.Application.Batches;
using DataPipeline.Domain.Common;

namespace DataPipeline.Application.Tests.Batches;

public sealed class BodyReaderTests
{
    private const string Json = "application/json";
    private const string NdJson = "application/x-ndjson";
    private const string Csv = "text/csv";

    [Theory]
    [InlineData("""[{"a":1},{"b":2}]""")]
    [InlineData("""{"records":[{"a":1},{"b":2}]}""")]
    [InlineData(" [ {\"a\":1} ,\r\n\t{\"b\":2} ] \n")]
    [InlineData(" { \"records\" : [ {\"a\":1} , {\"b\":2} ] } ")]
    [InlineData("""{"\u0072ecords":[{"a":1},{"b":2}]}""")]
    [InlineData("\uFEFF[{\"a\":1},{\"b\":2}]")]
    public async Task AJsonBody_GivesItsRecordsAsTheyAre(string body)
    {
        var read = await Submitted.Json(body);

        Assert.Null(read.Error);
        Assert.Equal("{\"a\":1}\n{\"b\":2}", read.Text);
    }

    [Theory]
    [InlineData("{\"a\":1}\n{\"b\":2}")]
    [InlineData("{\"a\":1}\r\n{\"b\":2}\r\n")]
    [InlineData("\n\n {\"a\":1} \n\t\r\n{\"b\":2}\n\n")]
    [InlineData("\uFEFF{\"a\":1}\n{\"b\":2}")]
    public async Task AnNdJsonBody_GivesARecordForEachLineThatIsNotBlank(string body)
    {
        var read = await Submitted.NdJson(body);

        Assert.Null(read.Error);
        Assert.Equal("{\"a\":1}\n{\"b\":2}", read.Text);
    }

    [Theory]
    [InlineData("a,b\n1,2\n", """{"a":"1","b":"2"}""")]
    [InlineData("a,b\r\n1,2\r\n\r\n3,4", "{\"a\":\"1\",\"b\":\"2\"}\n{\"a\":\"3\",\"b\":\"4\"}")]
    [InlineData("\uFEFFa\n1", """{"a":"1"}""")]
    [InlineData("\"a\",\"b\"\n\"1\",\"2\"", """{"a":"1","b":"2"}""")]
    [InlineData("a,b\n\"x\r\ny, \"\"z\"\"\",", """{"a":"x\r\ny, \"z\"","b":""}""")]
    [InlineData("a,b\n,\n", """{"a":"","b":""}""")]
    [InlineData("a\n\"\"\n", """{"a":""}""")]
    [InlineData("a \"b\"\n1", null)]
    [InlineData("\"a \"\"b\"\"\"\n1", """{"a \"b\"":"1"}""")]
    [InlineData("a\n x \n", """{"a":" x "}""")]
    [InlineData("a\n\\\t\u0001ü\n", "{\"a\":\"\\\\\\t\\u0001ü\"}")]
    [InlineData("a,b\n\"1\"\r\n2,\"3\"\r", "MALFORMED_CSV R \"1\"\n{\"a\":\"2\",\"b\":\"3\"}")]
    public async Task ACsvBody_GivesARecordOfStringsForEachLine(string body, string? records)
    {
        var read = await Submitted.Csv(body);

        Assert.Equal(records is null, read.Error is not null);
        if (records is not null) Assert.Equal(Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(records)), read.Text);
    }

    [Theory]
    [InlineData("1", "NOT_AN_OBJECT J 1")]
    [InlineData("\"x\"", "NOT_AN_OBJECT J \"x\"")]
    [InlineData("null", "NOT_AN_OBJECT J null")]
    [InlineData("true", "NOT_AN_OBJECT J true")]
    [InlineData("[{}]", "NOT_AN_OBJECT J [{}]")]
    [InlineData("""{"a":1,"a":2}""", """DUPLICATE_PROPERTY J {"a":1,"a":2}""")]
    [InlineData("""{"x":{"a":1,"\u0061":2}}""", """DUPLICATE_PROPERTY J {"x":{"a":1,"\u0061":2}}""")]
    [InlineData("""{"a":[[1]]}""", """RECORD_TOO_DEEP R {"a":[[1]]}""")]
    [InlineData("""{"a":"0123456789012345678901234567890123456789"}""", """RECORD_TOO_LARGE R {"a":"0123456789012345678901234567890123""")]
    [InlineData("""{"a":"\ud800\u0000"}""", """{"a":"\ud800\u0000"}""")]
    public async Task ARecordThatBreaksARule_FailsAlone(string record, string frame)
    {
        var limits = new BatchOptions { MaxRecordBytes = 40, MaxDepth = 2 };

        var array = await Submitted.Json($$"""[{"n":0},{{record}},{"n":2}]""", limits);
        var lines = await Submitted.NdJson($"{{\"n\":0}}\n{record}\n{{\"n\":2}}", limits);

        Assert.Equal($"{{\"n\":0}}\n{frame}\n{{\"n\":2}}", array.Text);
        Assert.Equal(array.Text, lines.Text);
    }

    [Theory]
    [InlineData("{\"a\":", "Line 2, byte 6: the text ends within a value.")]
    [InlineData("  {\"a\" 1}", "Line 2, byte 8: '1' stands where a colon is expected.")]
    [InlineData("{} {}", "Line 2, byte 4: '{' stands after the record's end.")]
    [InlineData("oops", "Line 2, byte 1: 'o' stands where a value is expected.")]
    public async Task AnNdJsonLineThatIsNoJson_FailsAloneWithItsPosition(string line, string message)
    {
        var read = await Submitted.NdJson($"{{}}\n{line}\n{{}}");

        Assert.Equal($"{{}}\nMALFORMED_JSON R {line.Trim()}\n{{}}", read.Text);
        Assert.Equal(message, read.Frames[1].Rejection!.Value.Message);
    }

    [Theory]
    [InlineData("1,2,3", "Line 4: the number of fields is 3, of columns 2.")]
    [InlineData("1", "Line 4: the number of fields is 1, of columns 2.")]
    [InlineData("1\"2,3", "Line 4: a quote stands within a field that does not begin with one.")]
    [InlineData("\"1\"2,3", "Line 4: text follows the closing quote of a field.")]
    public async Task ACsvLineThatDoesNotFit_FailsAloneWithItsLine(string line, string message)
    {
        var read = await Submitted.Csv($"a,b\n\"x\ny\",2\n{line}\n1,2");

        Assert.Equal($"{{\"a\":\"x\\ny\",\"b\":\"2\"}}\nMALFORMED_CSV R {line}\n{{\"a\":\"1\",\"b\":\"2\"}}", read.Text);
        Assert.Equal(message, read.Frames[1].Rejection!.Value.Message);
    }

    [Fact]
    public async Task ACsvFieldThatIsNeverClosed_TakesTheRestOfTheBody()
    {
        var read = await Submitted.Csv("a\n1\n\"2\n3\n");

        Assert.Equal("{\"a\":\"1\"}\nMALFORMED_CSV R \"2\n3\n", read.Text);
    }

    [Theory]
    [InlineData(Json, "[{\"n\":0},{\"a\":\"\u00ff\"},{\"n\":2}]", "{\"n\":0}\nINVALID_UTF8 R {\"a\":\"\u00ff\"}\n{\"n\":2}")]
    [InlineData(NdJson, "{\"n\":0}\n{\"a\":\"\u00c3\"}\n{\"n\":2}", "{\"n\":0}\nINVALID_UTF8 R {\"a\":\"\u00c3\"}\n{\"n\":2}")]
    [InlineData(Csv, "n\n0\n\u00ed\u00a0\u0080\n2", "{\"n\":\"0\"}\nINVALID_UTF8 R \u00ed\u00a0\u0080\n{\"n\":\"2\"}")]
    public async Task ARecordThatIsNoUtf8_FailsAlone(string type, string latin1, string frames)
    {
        var read = await Submitted.Read(type, new MemoryStream(Encoding.Latin1.GetBytes(latin1)));

        Assert.Equal(frames, read.Text);
    }

    [Theory]
    [InlineData("", 1, 1)]
    [InlineData("[", 1, 2)]
    [InlineData("[{}", 1, 4)]
    [InlineData("[{}\n,\n  {\"a\" 1}]", 3, 8)]
    [InlineData("[{}]x", 1, 5)]
    [InlineData("[{}] []", 1, 6)]
    [InlineData("[{},]", 1, 5)]
    [InlineData("[,{}]", 1, 2)]
    [InlineData("[{}{}]", 1, 4)]
    [InlineData("{\"records\":[{}]", 1, 16)]
    [InlineData("{\"records\" [{}]}", 1, 12)]
    [InlineData("{\"records\":[{}],}", 1, 17)]
    [InlineData("{records:[]}", 1, 2)]
    [InlineData("x", 1, 1)]
    [InlineData("{\"rec", 1, 6)]
    [InlineData("{\"re\ncords\":[]}", 1, 5)]
    [InlineData("[1.]", 1, 4)]
    [InlineData("[\"a\\x\"]", 1, 5)]
    public async Task AJsonBodyThatIsNoJson_IsRefusedWithThePositionInTheWholeBody(string body, int line, int column)
    {
        var read = await Submitted.Json(body);

        Assert.Equal((ErrorKind.Validation, "MALFORMED_JSON"), (read.Error?.Kind, read.Error?.Code));
        Assert.Contains($" at line {line}, byte {column}: ", read.Error!.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{}", "records", "REQUIRED")]
    [InlineData("""{"records":{}}""", "records", "TYPE_MISMATCH")]
    [InlineData("""{"records":1}""", "records", "TYPE_MISMATCH")]
    [InlineData("""{"record":[{}]}""", "record", "UNKNOWN_PROPERTY")]
    [InlineData("""{"records":[{}],"more":1}""", "more", "UNKNOWN_PROPERTY")]
    [InlineData("""{"records":[{}],"records":[{}]}""", "records", "DUPLICATE_PROPERTY")]
    [InlineData("1", "", "TYPE_MISMATCH")]
    [InlineData("\"x\"", "", "TYPE_MISMATCH")]
    [InlineData("[]", "records", "REQUIRED")]
    [InlineData("""{"records":[]}""", "records", "REQUIRED")]
    public async Task AJsonBodyOfAnotherShape_IsRefusedWithWhatIsWrong(string body, string field, string code)
    {
        var read = await Submitted.Json(body);

        Assert.Equal("VALIDATION_FAILED", read.Error?.Code);
        var detail = Assert.Single(read.Error!.Details);
        Assert.Equal((field, code), (detail.Field, detail.Code));
    }

    [Fact]
    public async Task APropertyNameWithoutEnd_IsRefusedBeforeItFillsTheMemory()
    {
        var read = await Submitted.Json("{\"" + new string('x', 100_000));

        Assert.Equal("UNKNOWN_PROPERTY", read.Error?.Details[0].Code);
        Assert.Equal(101, read.Error?.Details[0].Field.Length);
    }

    [Theory]
    [InlineData("a,b,a\n1,2,3", "DUPLICATE_PROPERTY")]
    [InlineData("a,\"b\n1", "MALFORMED_CSV")]
    [InlineData("a,b\"c\n1,2", "MALFORMED_CSV")]
    public async Task ACsvHeaderThatIsUnusable_RefusesTheBody(string body, string code)
    {
        var read = await Submitted.Csv(body);

        Assert.Equal(("header", code), (read.Error?.Details[0].Field, read.Error?.Details[0].Code));
    }

    [Fact]
    public async Task ACsvHeaderThatIsTooLargeOrNoUtf8_RefusesTheBody()
    {
        var tooLarge = await Submitted.Csv(new string('a', 200) + "\n1", new BatchOptions { MaxRecordBytes = 100 });
        var noUtf8 = await Submitted.Read(Csv, new MemoryStream([(byte)'a', 0xff, (byte)'\n', (byte)'1']));
        var endless = await Submitted.Read(Csv, new PiecesStream(new byte[300_000], 1_000), new BatchOptions { MaxRecordBytes = 100 });

        Assert.Equal("INVALID_UTF8", noUtf8.Error?.Details[0].Code);
        Assert.Equal("TOO_LARGE", endless.Error?.Details[0].Code);
        Assert.Equal("TOO_LARGE", tooLarge.Error?.Details[0].Code);
    }

    [Theory]
    [InlineData(NdJson, "")]
    [InlineData(NdJson, "\n \r\n")]
    [InlineData(Csv, "")]
    [InlineData(Csv, "a,b\n")]
    [InlineData(Csv, "\r\n")]
    public async Task ABodyWithoutRecords_IsRefused(string type, string body)
    {
        var read = await Submitted.Read(type, body);

        Assert.Equal(("VALIDATION_FAILED", "records"), (read.Error?.Code, read.Error?.Details[0].Field));
    }

    [Fact]
    public async Task MoreRecordsThanAllowed_AreRefused_AsManyAreNot()
    {
        var limits = new BatchOptions { MaxRecords = 3 };

        Assert.Null((await Submitted.Json("[{},1,{}]", limits)).Error);
        Assert.Equal((ErrorKind.TooLarge, "TOO_MANY_RECORDS"), Kind(await Submitted.Json("[{},1,{},{}]", limits)));
        Assert.Equal((ErrorKind.TooLarge, "TOO_MANY_RECORDS"), Kind(await Submitted.NdJson("{}\n{}\n{}\nx", limits)));
        Assert.Equal((ErrorKind.TooLarge, "TOO_MANY_RECORDS"), Kind(await Submitted.Csv("a\n1\n1\n1\n1", limits)));
    }

    [Fact]
    public async Task MoreBytesThanAllowed_AreRefused_AsManyAreNot()
    {
        var limits = new BatchOptions { MaxBodyBytes = 10 };

        Assert.Null((await Submitted.Json("[{},{},{}]", limits)).Error);
        Assert.Equal((ErrorKind.TooLarge, "PAYLOAD_TOO_LARGE"), Kind(await Submitted.Json("[{},{},{}] ", limits)));
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("x-gzip")]
    [InlineData("br")]
    [InlineData("deflate")]
    public async Task ACompressedBody_IsRead_CountedAfterDecompression_AndRefusedWhenDamaged(string encoding)
    {
        var body = Encoding.UTF8.GetBytes($"[{string.Join(',', Enumerable.Range(0, 2_000).Select(i => $"{{\"n\":{i * 7919 % 2003}}}"))}]");
        var compressed = Submitted.Compress(body, encoding);
        var damaged = compressed.ToArray();
        for (var i = damaged.Length / 2; i < damaged.Length; i++) damaged[i] ^= 0x5a;

        var whole = await Read(compressed);
        var tooLarge = await Read(compressed, new BatchOptions { MaxBodyBytes = body.Length - 1 });

        Assert.Null(whole.Error);
        Assert.Equal(2_000, whole.Frames.Count);
        Assert.Equal("PAYLOAD_TOO_LARGE", tooLarge.Error?.Code);
        Assert.Equal(ErrorKind.Validation, (await Read(damaged)).Error?.Kind);
        Assert.Equal("MALFORMED_ENCODING", (await Read(compressed[..(compressed.Length - 1)])).Error?.Details[0].Code);
        Assert.Equal("MALFORMED_ENCODING", (await Read(body)).Error?.Details[0].Code);

        Task<Submitted> Read(byte[] bytes, BatchOptions? limits = null) => Submitted.Read(Json, new MemoryStream(bytes), limits, encoding: encoding);
    }

    [Fact]
    public async Task AGzipBodyOfSeveralMembers_IsReadToItsEnd()
    {
        byte[] body = [.. Submitted.Compress("{\"a\":1}\n{\"b\""u8.ToArray(), "gzip"), .. Submitted.Compress(":2}\n"u8.ToArray(), "gzip")];

        var read = await Submitted.Read(NdJson, new MemoryStream(body), encoding: "gzip");

        Assert.Equal("{\"a\":1}\n{\"b\":2}", read.Text);
    }

    [Fact]
    public async Task Chunks_BeginSmallAndGrowToTheirLimit()
    {
        var body = string.Concat(Enumerable.Repeat("{\"n\":1}\n", 40_000));

        var read = await Submitted.NdJson(body);

        Assert.Equal([1_000, 2_000, 4_000, 8_000, 10_000, 10_000, 5_000], read.Chunks);
    }

    [Fact]
    public async Task Chunks_AreCutByBytes_AndARecordLargerThanAChunkStandsAlone()
    {
        var record = $"{{\"n\":\"{new string('x', 1_000)}\"}}\n";
        var large = $"{{\"n\":\"{new string('x', 50_000)}\"}}\n";
        var sizes = new ChunkOptions { ChunkBytes = 20_000 };

        var read = await Submitted.Read(NdJson, new MemoryStream(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(record, 60)) + large + record)), sizes: sizes);

        Assert.Equal(62, read.Chunks.Sum());
        Assert.All(read.ChunkBytes.SkipLast(2), bytes => Assert.InRange(bytes, 1, 20_000));
        Assert.Equal([1, 1], read.Chunks.TakeLast(2));
        Assert.True(read.Chunks[0] < read.Chunks[4], $"The first chunks should be smaller: {string.Join(", ", read.Chunks)}");
    }

    [Theory]
    [InlineData(Json)]
    [InlineData(NdJson)]
    [InlineData(Csv)]
    public void AnySplitOfTheBytes_GivesTheSameFrames(string type)
    {
        var limits = new BatchOptions { MaxRecordBytes = 60, MaxDepth = 3, MaxRecords = 30 };
        var sizes = new ChunkOptions { ChunkRecords = 3 };
        var body = type switch
        {
            Json => Gen.Select(Record().Array[0, 12], Gen.Bool, Gen.OneOf("", " ", "\n", ",", "x")).Select((r, wrapped, end) => wrapped ? $$"""{"records": [{{string.Join(", ", r)}}]}{{end}}""" : $"[{string.Join(",", r)}]{end}"),
            NdJson => Gen.OneOf(Record(), Gen.OneOf("", "{", "{}x", "é")).Array[0, 12].Select(r => string.Join('\n', r)),
            _ => Gen.OneOf("1,2", "\"a\nb\",\"c\"\"d\"", "1", "", "\"x\"y,z", "\"", "ü,\t", new string('x', 70) + ",1", $"\"{new string('y', 40)}\n{new string('"', 40)},\",1").Array[0, 12].Select(r => "a,b\r\n" + string.Join("\r\n", r)),
        };

        Gen.Select(body, Gen.Int[1, 40].Array[1, 6]).Sample(
            (text, pieces) =>
            {
                var bytes = Encoding.UTF8.GetBytes(text);
                var whole = Submitted.Read(type, new MemoryStream(bytes), limits, sizes).GetAwaiter().GetResult();
                var split = Submitted.Read(type, new PiecesStream(bytes, pieces), limits, sizes).GetAwaiter().GetResult();
                Assert.Equal(whole.Error?.Code, split.Error?.Code);
                Assert.Equal(whole.Error?.Message, split.Error?.Message);
                Assert.Equal(whole.Text, split.Text);
                Assert.Equal(whole.Chunks, split.Chunks);
                Assert.Equal(whole.Hash, split.Hash);
            },
            iter: 3_000);

        static Gen<string> Record() => Gen.OneOf(
            "{}", """{"a":1,"b":[true,null]}""", """{"a":"x\"y\\","é":-1.5e3}""", "12", "\"te,xt]\"", "null", """{"a":[[[1]]]}""", """{"a":1,"a":2}""", """{"a":nul}""", "{\"a\":1",
            $$"""{"a":"{{new string('x', 70)}}","b":["]}\"",{}]}""", $"\"{new string('z', 80)}\\\"\"", new string('7', 90), $$"""[[{"a":"{{new string('é', 40)}}"}],1]""");
    }

    [Theory]
    [InlineData(Json, "[{\"a\":\"", "\"},{\"b\":2}]", "{\"a\":\"", "{\"b\":2}")]
    [InlineData(NdJson, "{\"a\":\"", "\"}\n{\"b\":2}", "{\"a\":\"", "{\"b\":2}")]
    [InlineData(Csv, "a\n", "\n2", "", "{\"a\":\"2\"}")]
    public async Task ARecordOfSixtyMegabytes_IsSkippedInLittleMemory(string type, string before, string after, string kept, string last)
    {
        await Submitted.Read(type, before + after);
        var stream = new PiecesStream([.. Encoding.ASCII.GetBytes(before), .. Enumerable.Repeat((byte)'x', 60_000_000), .. Encoding.ASCII.GetBytes(after)], 50_000);

        var allocated = GC.GetAllocatedBytesForCurrentThread();
        var read = await Submitted.Read(type, stream);
        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;

        Assert.Equal("RECORD_TOO_LARGE R " + kept + new string('x', 4_096 - kept.Length), Submitted.Show(read.Frames[0]));
        Assert.Equal(last, Submitted.Show(read.Frames[1]));
        Assert.InRange(allocated, 0, 8_000_000);
    }

    [Fact]
    public async Task WhatIsKeptOfATooLargeRecord_EndsBetweenCharacters()
    {
        var read = await Submitted.NdJson($"{{\"a\":\"{new string('é', 3_000)}\"}}", new BatchOptions { MaxRecordBytes = 5_000 });

        var kept = Encoding.UTF8.GetString(read.Frames[0].Content.Span);
        Assert.DoesNotContain('\uFFFD', kept);
        Assert.InRange(read.Frames[0].Content.Length, 4_090, 4_096);
    }

    [Fact]
    public async Task TheHash_IsOfTheDecompressedBodyAndItsType()
    {
        var body = Encoding.UTF8.GetBytes("[{}]");

        var plain = await Submitted.Read(Json, new MemoryStream(body));
        var zipped = await Submitted.Read("application/json; charset=utf-8", new MemoryStream(Submitted.Compress(body, "gzip")), encoding: "gzip");
        var other = await Submitted.Read(Json, "[{} ]");
        var csv = await Submitted.Read(Csv, "[{}]\n[{}]");
        var lines = await Submitted.Read(NdJson, "[{}]\n[{}]");

        Assert.Equal(plain.Hash, zipped.Hash);
        Assert.NotEqual(plain.Hash, other.Hash);
        Assert.NotEqual(csv.Hash, lines.Hash);
    }

    private static (ErrorKind?, string?) Kind(Submitted read) => (read.Error?.Kind, read.Error?.Code);
}
