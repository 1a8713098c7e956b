using System.Buffers;

namespace DataPipeline.Application.Batches.Intake;

/// <summary>Finds the end of a JSON value that is too large to be kept, in pieces of any size and in constant memory. Its grammar is checked no further than brackets and quotes. Not thread-safe.</summary>
internal sealed class JsonSkipper
{
    private static readonly SearchValues<byte> Structure = SearchValues.Create("{}[],\""u8);
    private static readonly SearchValues<byte> InString = SearchValues.Create("\"\\"u8);

    private int _depth;
    private bool _isInString;
    private bool _isEscape;

    internal bool IsDone { get; private set; }

    internal void Start() => (_depth, _isInString, _isEscape, IsDone) = (0, false, false, false);

    /// <param name="text">The next piece of the value; the first one begins with it.</param>
    /// <returns>How many bytes belong to the value.</returns>
    internal int Skip(ReadOnlySpan<byte> text)
    {
        for (var i = 0; i < text.Length;)
        {
            if (_isEscape)
            {
                _isEscape = false;
                i++;
                continue;
            }
            var stop = text[i..].IndexOfAny(_isInString ? InString : Structure);
            if (stop < 0) break;
            i += stop;
            switch (text[i])
            {
                case (byte)'\\':
                    _isEscape = true;
                    break;
                case (byte)'"':
                    _isInString = !_isInString;
                    IsDone = !_isInString && _depth == 0;
                    break;
                case (byte)'{' or (byte)'[':
                    _depth++;
                    break;
                case (byte)'}' or (byte)']' or (byte)',' when _depth == 0:
                    IsDone = true;
                    return i;
                case (byte)'}' or (byte)']':
                    IsDone = --_depth == 0;
                    break;
            }
            i++;
            if (IsDone) return i;
        }
        return text.Length;
    }
}
