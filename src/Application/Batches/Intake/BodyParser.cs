using System.Globalization;
using DataPipeline.Domain.Common;

namespace DataPipeline.Application.Batches.Intake;

/// <summary>Takes a body piece by piece and puts its records into a chunk. Not thread-safe.</summary>
internal abstract class BodyParser(BatchOptions limits, ChunkCutter chunk)
{
    private bool _isBegun;
    private int _wanted;
    private int _mark;
    private long _line = 1;
    private long _column = 1;

    /// <summary>Why the whole body is refused; <c>null</c> so far.</summary>
    internal Error? Error { get; private set; }

    protected BatchOptions Limits { get; } = limits;

    protected ChunkCutter Chunk { get; } = chunk;

    protected RecordInspector Inspector { get; } = new(limits);

    /// <summary>Takes what is whole at the start of <paramref name="text"/>, until it ends, the chunk is full or the body is refused.</summary>
    /// <param name="text">What was not taken before, and what has come since.</param>
    /// <param name="isFinal">Whether nothing will come any more.</param>
    /// <returns>How many bytes were taken.</returns>
    internal int Parse(ReadOnlySpan<byte> text, bool isFinal)
    {
        if (text.Length < _wanted && !isFinal) return 0;
        _wanted = 0;
        var start = 0;
        if (!_isBegun)
        {
            var bom = "\uFEFF"u8;
            if (text.Length < bom.Length && !isFinal && bom.StartsWith(text)) return 0;
            _isBegun = true;
            if (text.StartsWith(bom)) start = bom.Length;
        }
        _mark = 0;
        var taken = ParseText(text[start..], isFinal);
        Mark(text[start..], taken);
        return start + taken;
    }

    protected abstract int ParseText(ReadOnlySpan<byte> text, bool isFinal);

    protected void Refuse(Error error) => Error = error;

    protected void RefuseMalformed(ReadOnlySpan<byte> text, int position, string fault)
    {
        var (line, column) = PositionOf(text, position);
        Refuse(new Error(ErrorKind.Validation, "MALFORMED_JSON", string.Create(CultureInfo.InvariantCulture, $"The body is not valid JSON at line {line}, byte {column}: {fault}.")));
    }

    /// <summary>Asks not to be called again before so much has come that reading the unfinished rest once more is paid for by its growth.</summary>
    /// <returns>False where the rest is longer than a record may be.</returns>
    protected bool AwaitMore(int unfinished)
    {
        // One byte more than a record may have could still be the carriage return behind it.
        if (unfinished > Limits.MaxRecordBytes + 1) return false;
        _wanted = (int)Math.Min(unfinished * 2L, Limits.MaxRecordBytes + 2L);
        return true;
    }

    /// <summary>Puts the value just scanned into the chunk.</summary>
    /// <returns>False where the chunk did not take it.</returns>
    protected bool TryTake(ReadOnlySpan<byte> value) => Inspector.Judge(value) switch
    {
        null => Chunk.TryAdd(value),
        { } refusal => Chunk.TryReject(refusal, value.Length > Limits.MaxRecordBytes ? Inspector.Head(value) : value),
    };

    /// <summary>Notes that the lines and bytes before <paramref name="position"/> need not be counted again; it never goes back.</summary>
    protected void Mark(ReadOnlySpan<byte> text, int position)
    {
        (_line, _column) = PositionOf(text, position);
        _mark = position;
    }

    protected long LineOf(ReadOnlySpan<byte> text, int position) => PositionOf(text, position).Line;

    protected string Describe(ReadOnlySpan<byte> text, int position, string fault)
    {
        var (line, column) = PositionOf(text, position);
        return string.Create(CultureInfo.InvariantCulture, $"Line {line}, byte {column}: {fault}.");
    }

    private (long Line, long Column) PositionOf(ReadOnlySpan<byte> text, int position)
    {
        var passed = text[_mark..position];
        var lines = passed.Count((byte)'\n');
        return lines == 0 ? (_line, _column + passed.Length) : (_line + lines, passed.Length - passed.LastIndexOf((byte)'\n'));
    }
}
