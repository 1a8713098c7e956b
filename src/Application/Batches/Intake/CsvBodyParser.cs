using System.Globalization;
using System.Text;
using System.Text.Unicode;
using DataPipeline.Application.Common;
using DataPipeline.Domain.Common;

namespace DataPipeline.Application.Batches.Intake;

/// <summary>A header line with the property names, then one record a line, every value a string; blank lines are none.</summary>
internal sealed class CsvBodyParser(BatchOptions limits, ChunkCutter chunk, PooledBuffer scratch) : BodyParser(limits, chunk)
{
    private readonly CsvLineScanner _line = new();
    private readonly CsvSkipper _skipper = new();
    private byte[][]? _names;
    private bool _isSkipping;

    protected override int ParseText(ReadOnlySpan<byte> text, bool isFinal)
    {
        for (var i = 0; i < text.Length && Error is null;)
        {
            var rest = text[i..];
            if (_isSkipping)
            {
                i += _skipper.Skip(rest);
                _isSkipping = !_skipper.IsDone;
                continue;
            }
            if (!_line.Scan(rest, isFinal))
            {
                if (AwaitMore(rest.Length)) return i;
                if (_names is null)
                {
                    RefuseHeaderTooLarge();
                    return i;
                }
                if (!Chunk.TryReject(Inspector.TooLarge(), Inspector.Head(rest))) return i;
                _skipper.Start();
                _isSkipping = true;
                continue;
            }
            var line = rest[.._line.ContentLength];
            if (!line.Trim((byte)'\r').IsEmpty)
            {
                if (_names is null) TakeHeader(rest);
                else if (!TryTakeLine(text, i, line)) return i;
            }
            i += _line.Length;
            if (i == text.Length) return i;
        }
        return text.Length;
    }

    private void TakeHeader(ReadOnlySpan<byte> text)
    {
        var header = text[.._line.ContentLength];
        if (header.Length > Limits.MaxRecordBytes) RefuseHeaderTooLarge();
        else if (_line.Fault is { } fault) RefuseHeader("MALFORMED_CSV", $"In the header line {fault}.");
        else if (!Utf8.IsValid(header)) RefuseHeader("INVALID_UTF8", "The header line is not valid UTF-8.");
        else
        {
            var seen = new HashSet<string>(StringComparer.Ordinal);
            _names = new byte[_line.Fields.Count][];
            for (var f = 0; f < _names.Length; f++)
            {
                scratch.Clear();
                scratch.Advance(Unquote(text, _line.Fields[f], scratch.GetSpan(_line.Fields[f].Length + 1)));
                _names[f] = scratch.WrittenSpan.ToArray();
                var name = Encoding.UTF8.GetString(_names[f]);
                if (!seen.Add(name)) RefuseHeader("DUPLICATE_PROPERTY", $"The column \"{RecordInspector.Cut(name)}\" stands twice in the header line.");
            }
        }
    }

    private bool TryTakeLine(ReadOnlySpan<byte> text, int start, ReadOnlySpan<byte> line)
    {
        if (line.Length > Limits.MaxRecordBytes) return Chunk.TryReject(Inspector.TooLarge(), Inspector.Head(line));
        if (!Utf8.IsValid(line)) return Chunk.TryReject(RecordInspector.InvalidUtf8(), line);
        var fault = _line.Fault
            ?? (_line.Fields.Count == _names!.Length ? null : string.Create(CultureInfo.InvariantCulture, $"the number of fields is {_line.Fields.Count}, of columns {_names.Length}"));
        if (fault is not null)
        {
            Mark(text, start);
            return Chunk.TryReject(RecordInspector.MalformedCsv(string.Create(CultureInfo.InvariantCulture, $"Line {LineOf(text, start)}: {fault}.")), line);
        }
        return TryWriteRecord(text[start..]) ? Chunk.TryAdd(scratch.WrittenSpan) : Chunk.TryReject(Inspector.TooLarge(), Inspector.Head(line));
    }

    private bool TryWriteRecord(ReadOnlySpan<byte> text)
    {
        scratch.Clear();
        for (var f = 0; f < _names!.Length; f++)
        {
            scratch.GetSpan(1)[0] = f == 0 ? (byte)'{' : (byte)',';
            scratch.Advance(1);
            JsonText.WriteString(scratch, _names[f]);
            scratch.GetSpan(1)[0] = (byte)':';
            scratch.Advance(1);
            WriteValue(text, _line.Fields[f]);
            if (scratch.Length > Limits.MaxRecordBytes) return false;
        }
        scratch.GetSpan(1)[0] = (byte)'}';
        scratch.Advance(1);
        return true;
    }

    private void WriteValue(ReadOnlySpan<byte> text, CsvField field)
    {
        if (!field.HasDoubledQuotes)
        {
            JsonText.WriteString(scratch, text.Slice(field.Start, field.Length));
            return;
        }
        using var unquoted = new PooledBuffer(field.Length);
        unquoted.Advance(Unquote(text, field, unquoted.GetSpan(field.Length)));
        JsonText.WriteString(scratch, unquoted.WrittenSpan);
    }

    private static int Unquote(ReadOnlySpan<byte> text, CsvField field, Span<byte> target)
    {
        var value = text.Slice(field.Start, field.Length);
        if (!field.HasDoubledQuotes)
        {
            value.CopyTo(target);
            return value.Length;
        }
        var written = 0;
        for (var i = 0; i < value.Length; i++)
        {
            target[written++] = value[i];
            if (value[i] == (byte)'"') i++;
        }
        return written;
    }

    private void RefuseHeaderTooLarge() => RefuseHeader("TOO_LARGE", $"The header line has more than {Limits.MaxRecordBytes} bytes.");

    private void RefuseHeader(string code, string message) => Refuse(Error.Validation("The body has no usable header line.", new ErrorDetail("header", code, message)));
}
