namespace DataPipeline.Application.Batches.Intake;

/// <summary>Finds the end of a CSV line that is too large to be kept, in pieces of any size and in constant memory. Not thread-safe.</summary>
internal sealed class CsvSkipper
{
    private State _state;

    private enum State
    {
        FieldStart,
        Unquoted,
        Quoted,
        QuoteInQuoted,
        Done,
    }

    internal bool IsDone => _state == State.Done;

    internal void Start() => _state = State.FieldStart;

    /// <param name="text">The next piece of the line; the first one begins with it.</param>
    /// <returns>How many bytes belong to the line, its end included.</returns>
    internal int Skip(ReadOnlySpan<byte> text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (_state == State.Quoted && text[i] != (byte)'"') continue;
            _state = (_state, text[i]) switch
            {
                (State.Quoted, _) => State.QuoteInQuoted,
                (State.FieldStart or State.QuoteInQuoted, (byte)'"') => State.Quoted,
                (_, (byte)'\n') => State.Done,
                (_, (byte)',') => State.FieldStart,
                _ => State.Unquoted,
            };
            if (IsDone) return i + 1;
        }
        return text.Length;
    }
}
