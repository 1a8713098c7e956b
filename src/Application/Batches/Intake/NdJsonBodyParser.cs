namespace DataPipeline.Application.Batches.Intake;

/// <summary>One record a line; blank lines are none.</summary>
internal sealed class NdJsonBodyParser(BatchOptions limits, ChunkCutter chunk) : BodyParser(limits, chunk)
{
    private bool _isSkipping;

    protected override int ParseText(ReadOnlySpan<byte> text, bool isFinal)
    {
        var i = 0;
        while (i < text.Length)
        {
            var rest = text[i..];
            var end = rest.IndexOf((byte)'\n');
            if (_isSkipping)
            {
                if (end < 0) return text.Length;
                _isSkipping = false;
            }
            else if (end < 0 && !isFinal)
            {
                if (AwaitMore(rest.Length) || !Chunk.TryReject(Inspector.TooLarge(), Inspector.Head(rest))) return i;
                _isSkipping = true;
                return text.Length;
            }
            else if (!TryTakeLine(text, i, end < 0 ? rest : rest[..end]))
            {
                return i;
            }
            i += end < 0 ? rest.Length : end + 1;
        }
        return i;
    }

    private bool TryTakeLine(ReadOnlySpan<byte> text, int start, ReadOnlySpan<byte> whole)
    {
        if (!whole.IsEmpty && whole[^1] == (byte)'\r') whole = whole[..^1];
        if (whole.Length > Limits.MaxRecordBytes) return Chunk.TryReject(Inspector.TooLarge(), Inspector.Head(whole));
        var line = whole.TrimStart(" \t\r"u8);
        start += whole.Length - line.Length;
        line = line.TrimEnd(" \t\r"u8);
        if (line.IsEmpty) return true;
        var scanner = Inspector.Scanner;
        var outcome = scanner.Scan(line, isFinal: true);
        if (outcome == ScanOutcome.Complete && scanner.Position == line.Length) return TryTake(line);

        var position = scanner.Position;
        while (outcome == ScanOutcome.Complete && JsonScanner.IsWhiteSpace(line[position])) position++;
        var fault = outcome == ScanOutcome.Complete ? $"{JsonScanner.Show(line[position])} stands after the record's end" : scanner.Fault!;
        Mark(text, start);
        return Chunk.TryReject(RecordInspector.MalformedJson(Describe(text, start + position, fault)), line);
    }
}
