using System.Text;
using DataPipeline.Domain.Batches;
using DataPipeline.Domain.Common;

namespace DataPipeline.Application.Batches.Intake;

/// <summary>A bare array of records, or an object whose one property <c>records</c> is such an array.</summary>
internal sealed class JsonBodyParser(BatchOptions limits, ChunkCutter chunk) : BodyParser(limits, chunk)
{
    private const int MaxNameBytes = 4_096;

    private readonly JsonSkipper _skipper = new();
    private State _state = State.Root;
    private bool _isWrapped;
    private bool _hasRecords;

    private enum State
    {
        Root,
        NameOrEnd,
        Name,
        Colon,
        Array,
        RecordOrEnd,
        Record,
        RestOfTooLarge,
        CommaOrEndOfArray,
        CommaOrEndOfObject,
        End,
    }

    protected override int ParseText(ReadOnlySpan<byte> text, bool isFinal)
    {
        for (var i = 0; ;)
        {
            if (_state == State.RestOfTooLarge)
            {
                i += _skipper.Skip(text[i..]);
                if (_skipper.IsDone) _state = State.CommaOrEndOfArray;
            }
            while (i < text.Length && JsonScanner.IsWhiteSpace(text[i])) i++;
            if (i == text.Length)
            {
                if (isFinal && _state != State.End) RefuseMalformed(text, i, "the body ends too early");
                return i;
            }
            var before = i;
            if (_state is State.Record or State.RecordOrEnd && text[i] != (byte)']') ParseRecord(text, isFinal, ref i);
            else ParseStructure(text, isFinal, ref i);
            if (i == before || Error is not null) return i;
        }
    }

    /// <summary>Leaves <paramref name="i"/> where it is when the record is not whole or was not taken.</summary>
    private void ParseRecord(ReadOnlySpan<byte> text, bool isFinal, ref int i)
    {
        var rest = text[i..];
        // Beyond this a record is too large whatever follows; not to look there makes the answer independent of how the body arrives.
        var window = rest[..(int)Math.Min(rest.Length, Limits.MaxRecordBytes + 2L)];
        switch (Inspector.Scanner.Scan(window, isFinal && window.Length == rest.Length))
        {
            case ScanOutcome.Complete:
                if (!TryTake(rest[..Inspector.Scanner.Position])) return;
                i += Inspector.Scanner.Position;
                _state = State.CommaOrEndOfArray;
                return;
            case ScanOutcome.Incomplete when !isFinal || window.Length < rest.Length:
                if (AwaitMore(rest.Length) || !Chunk.TryReject(Inspector.TooLarge(), Inspector.Head(rest))) return;
                _skipper.Start();
                i += _skipper.Skip(rest);
                _state = _skipper.IsDone ? State.CommaOrEndOfArray : State.RestOfTooLarge;
                return;
            default:
                RefuseMalformed(text, i + Inspector.Scanner.Position, Inspector.Scanner.Fault!);
                return;
        }
    }

    private void ParseStructure(ReadOnlySpan<byte> text, bool isFinal, ref int i)
    {
        switch (_state, (char)text[i])
        {
            case (State.Root, '['):
                _state = State.RecordOrEnd;
                break;
            case (State.Root, '{'):
                _isWrapped = true;
                _state = State.NameOrEnd;
                break;
            case (State.Root, '"' or '-' or 't' or 'f' or 'n' or (>= '0' and <= '9')):
                Refuse(Error.Validation("The body must be an array of records, or an object with the property records.", new ErrorDetail("", "TYPE_MISMATCH", "Neither an array nor an object.")));
                return;
            case (State.NameOrEnd or State.Name, '"'):
                ParseName(text, isFinal, ref i);
                return;
            case (State.NameOrEnd or State.CommaOrEndOfObject, '}'):
                if (!_hasRecords) Refuse(BatchErrors.RecordsMissing());
                _state = State.End;
                break;
            case (State.Colon, ':'):
                _state = State.Array;
                break;
            case (State.Array, '['):
                _hasRecords = true;
                _state = State.RecordOrEnd;
                break;
            case (State.Array, '{' or '"' or '-' or 't' or 'f' or 'n' or (>= '0' and <= '9')):
                Refuse(Error.Validation("The body is not a batch of records.", new ErrorDetail("records", "TYPE_MISMATCH", "records must be an array.")));
                return;
            case (State.CommaOrEndOfArray, ','):
                _state = State.Record;
                break;
            case (State.CommaOrEndOfArray or State.RecordOrEnd, ']'):
                _state = _isWrapped ? State.CommaOrEndOfObject : State.End;
                break;
            case (State.CommaOrEndOfObject, ','):
                _state = State.Name;
                break;
            default:
                RefuseMalformed(text, i, $"{JsonScanner.Show(text[i])} stands where {Expected()} is expected");
                return;
        }
        i++;
    }

    private void ParseName(ReadOnlySpan<byte> text, bool isFinal, ref int i)
    {
        var end = i;
        switch (Inspector.Scanner.ScanString(text, ref end, out _))
        {
            case ScanOutcome.Incomplete when !isFinal:
                if (text.Length - i > MaxNameBytes) Refuse(UnknownProperty(Encoding.UTF8.GetString(Inspector.Head(text[(i + 1)..]))));
                return;
            case not ScanOutcome.Complete:
                RefuseMalformed(text, Inspector.Scanner.Position, Inspector.Scanner.Fault!);
                return;
        }
        var name = new byte[end - i - 2];
        var length = JsonText.Unescape(text[(i + 1)..(end - 1)], name);
        if (!name.AsSpan(0, length).SequenceEqual("records"u8)) Refuse(UnknownProperty(Encoding.UTF8.GetString(name, 0, length)));
        else if (_hasRecords) Refuse(Error.Validation("The body is not a batch of records.", new ErrorDetail("records", "DUPLICATE_PROPERTY", "records stands twice.")));
        i = end;
        _state = State.Colon;
    }

    private static Error UnknownProperty(string name) =>
        Error.Validation("The body is not a batch of records.", new ErrorDetail(RecordInspector.Cut(name), "UNKNOWN_PROPERTY", "The only property a batch has is records."));

    private string Expected() => _state switch
    {
        State.NameOrEnd or State.Name => "a property name",
        State.Colon => "a colon",
        State.Record or State.RecordOrEnd => "a record",
        State.CommaOrEndOfArray => "a comma or the end of the array",
        State.CommaOrEndOfObject => "a comma or the end of the object",
        State.End => "the end of the body",
        _ => "an array of records",
    };
}
