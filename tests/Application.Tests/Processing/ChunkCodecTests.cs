using System.Buffers;
using System.Text;
using CsCheck;
using DataPipeline.Application.Processing;

namespace DataPipeline.Application.Tests.Processing;

public sealed class ChunkCodecTests
{
    [Fact]
    public void WhatIsWritten_IsReadBackInOrder() =>
        Gen.Select(Gen.Bool, Gen.Byte.Array[0, 300], Gen.String, Gen.Bool).Array[0, 20].Sample(frames =>
        {
            var written = new ArrayBufferWriter<byte>();
            foreach (var (rejected, content, message, isJson) in frames)
            {
                if (rejected) ChunkCodec.WriteRejected(written, new Rejection("SOME_CODE", message), content, isJson);
                else ChunkCodec.WriteRecord(written, content);
            }

            var rest = written.WrittenMemory;
            foreach (var (rejected, content, _, isJson) in frames)
            {
                var frame = ChunkCodec.ReadNext(ref rest);
                Assert.Equal(rejected ? content : OnOneLine(content), frame.Content.ToArray());
                Assert.Equal(!rejected || isJson, frame.IsJson);
                Assert.Equal(rejected ? "SOME_CODE" : null, frame.Rejection?.Code);
            }

            Assert.True(rest.IsEmpty);
        });

    [Fact]
    public void ARecord_IsKeptOnOneLine()
    {
        var written = new ArrayBufferWriter<byte>();

        ChunkCodec.WriteRecord(written, "{\r\n  \"a\": \"x\\n\"\n}"u8);

        var rest = written.WrittenMemory;
        Assert.Equal("""{    "a": "x\n" }""", Encoding.UTF8.GetString(ChunkCodec.ReadNext(ref rest).Content.Span));
    }

    [Fact]
    public void ARejectionsMessage_StaysOneLine()
    {
        var written = new ArrayBufferWriter<byte>();

        ChunkCodec.WriteRejected(written, new Rejection("CODE", "first\r\nsecond\nthird"), "x"u8, isJson: false);

        var rest = written.WrittenMemory;
        Assert.Equal("first second third", ChunkCodec.ReadNext(ref rest).Rejection?.Message);
    }

    private static byte[] OnOneLine(byte[] content) => [.. content.Select(b => b is (byte)'\n' or (byte)'\r' ? (byte)' ' : b)];

    [Theory]
    [InlineData("01")]
    [InlineData("05000000616263")]
    [InlineData("0300008061620a")]
    public void WhatTheCodecDidNotWrite_IsRefused(string hex)
    {
        ReadOnlyMemory<byte> payload = Convert.FromHexString(hex);

        Assert.Throws<InvalidDataException>(() => ChunkCodec.ReadNext(ref payload));
    }

    [Fact]
    public void DeliveredRecords_AreSlicesOfOneBuffer()
    {
        var delivered = new DeliveredRecords(2);

        delivered.Buffer.Write("{\"a\":1}"u8);
        delivered.Add(7);
        delivered.Buffer.Write("{}"u8);
        delivered.Add(9);

        Assert.Equal(2, delivered.Count);
        Assert.Equal((7, """{"a":1}"""), (delivered[0].RecordIndex, Encoding.UTF8.GetString(delivered[0].Record.Span)));
        Assert.Equal((9, "{}"), (delivered[1].RecordIndex, Encoding.UTF8.GetString(delivered[1].Record.Span)));
    }
}
