namespace DataPipeline.Application.Batches.Intake;

/// <param name="HasDoubledQuotes">Whether its quotes are written twice.</param>
internal readonly record struct CsvField(int Start, int Length, bool HasDoubledQuotes);

/// <summary>Splits a line of CSV (RFC 4180, lines may end in LF alone) into fields. A line with a misplaced quote ends where its last field does, so that the next one can be read. Not thread-safe.</summary>
internal sealed class CsvLineScanner
{
    private readonly List<CsvField> _fields = [];

    internal IReadOnlyList<CsvField> Fields => _fields;

    /// <summary>Bytes of the line, its end included.</summary>
    internal int Length { get; private set; }

    /// <summary>Bytes of the line without its end.</summary>
    internal int ContentLength { get; private set; }

    /// <summary>What is wrong with the line; <c>null</c> where nothing is.</summary>
    internal string? Fault { get; private set; }

    /// <returns>False where the line is not whole yet.</returns>
    internal bool Scan(ReadOnlySpan<byte> text, bool isFinal)
    {
        _fields.Clear();
        Fault = null;
        for (var i = 0; ; i++)
        {
            if (i < text.Length && text[i] == (byte)'"')
            {
                if (!ScanQuoted(text, isFinal, ref i)) return false;
            }
            else
            {
                var start = i;
                i = EndOfUnquoted(text, start, out var hasQuote);
                if (hasQuote) Fault ??= "a quote stands within a field that does not begin with one";
                var length = i - start;
                if (length > 0 && text[i - 1] == (byte)'\r' && (i == text.Length || text[i] == (byte)'\n')) length--;
                _fields.Add(new CsvField(start, length, HasDoubledQuotes: false));
            }
            if (i == text.Length)
            {
                Length = ContentLength = i;
                return isFinal;
            }
            if (text[i] == (byte)',') continue;
            Length = i + 1;
            ContentLength = i > 0 && text[i - 1] == (byte)'\r' ? i - 1 : i;
            return true;
        }
    }

    /// <param name="i">At the opening quote; moves to the comma, line feed or end of text behind the field.</param>
    private bool ScanQuoted(ReadOnlySpan<byte> text, bool isFinal, ref int i)
    {
        var start = i + 1;
        var hasDoubledQuotes = false;
        for (var from = start; ;)
        {
            var quote = text[from..].IndexOf((byte)'"');
            if (quote < 0)
            {
                Fault ??= "a quoted field does not end";
                i = text.Length;
                return isFinal;
            }
            i = from + quote + 1;
            if (i == text.Length || text[i] != (byte)'"') break;
            hasDoubledQuotes = true;
            from = i + 1;
        }
        if (i == text.Length && !isFinal) return false;
        _fields.Add(new CsvField(start, i - 1 - start, hasDoubledQuotes));
        var end = EndOfUnquoted(text, i, out _);
        if (!text[i..end].IsEmpty && !text[i..end].SequenceEqual("\r"u8)) Fault ??= "text follows the closing quote of a field";
        i = end;
        return true;
    }

    private static int EndOfUnquoted(ReadOnlySpan<byte> text, int start, out bool hasQuote)
    {
        var length = text[start..].IndexOfAny((byte)',', (byte)'\n');
        var end = length < 0 ? text.Length : start + length;
        hasQuote = text[start..end].Contains((byte)'"');
        return end;
    }
}
