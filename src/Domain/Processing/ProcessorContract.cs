using System.ComponentModel;

namespace DataPipeline.Domain.Processing;

/// <summary>
/// Changes records, one at a time. A class that implements it (or <see cref="IAsyncProcessor"/>), bears a <see cref="ProcessorAttribute"/> and has
/// one public constructor with one parameter, its options record, or without any, is a processor type; what the constructor throws is told to whoever configures it. An instance is made per pipeline version and worker and is used by one
/// thread at a time; it may keep state for its own use, but nothing that one record must not learn of another. One that is <see cref="IDisposable"/> is disposed of.
/// </summary>
public interface IProcessor
{
    /// <summary>
    /// Changes the record in place, or says what is to become of it. What was changed is taken back where the result is a failure.
    /// An exception is caught and fails the record with <c>PROCESSOR_CRASHED</c>, and a call that takes too long with <c>PROCESSOR_TIMEOUT</c>; the instance of one
    /// that does not come back is not used again.
    /// </summary>
    /// <param name="record">The record.</param>
    /// <param name="context">What surrounds it; valid until the method returns.</param>
    ProcessorResult Process(Record record, ProcessorContext context);
}

/// <summary>The form of <see cref="IProcessor"/> for work that waits, for example for a service. Records still come one at a time.</summary>
public interface IAsyncProcessor
{
    /// <inheritdoc cref="IProcessor.Process"/>
    /// <param name="record">The record.</param>
    /// <param name="context">What surrounds it; valid until the task ends.</param>
    /// <param name="cancellationToken">Set when the work is no longer wanted; then <see cref="OperationCanceledException"/> is the right end.</param>
    ValueTask<ProcessorResult> ProcessAsync(Record record, ProcessorContext context, CancellationToken cancellationToken);
}

/// <summary>Makes a class a processor type and names it.</summary>
/// <param name="type">What configurations call it: a letter, then letters and digits.</param>
/// <param name="version">Its version, for people.</param>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class ProcessorAttribute(string type, string version) : Attribute
{
    /// <summary>What configurations call it.</summary>
    public string Type { get; } = type;

    /// <summary>Its version, for people.</summary>
    public string Version { get; } = version;

    /// <summary>What it does, in one sentence for people.</summary>
    public string Description { get; init; } = "";

    /// <summary>
    /// Whether it changes the record in its last step only, after which it cannot fail. For a built-in processor the engine then keeps no copy to go back to, which is faster;
    /// one that claims it wrongly leaves half-changed records behind. Those of plugins work on a copy in any case. False unless told.
    /// </summary>
    public bool IsAtomic { get; init; }
}

/// <summary>What is to become of a record after a processor.</summary>
public enum ProcessorOutcome : byte
{
    /// <summary>It goes on with the next processor.</summary>
    Continue,

    /// <summary>It ends here and is counted as dropped.</summary>
    Drop,

    /// <summary>It skips the processors that follow and is delivered.</summary>
    Terminate,

    /// <summary>The processor could not do its work.</summary>
    Fail,
}

/// <summary>One of several things that are wrong with a record. Immutable.</summary>
/// <param name="Field">Where it is wrong: a JSON pointer (RFC 6901) into the record, for example <c>/items/0/sku</c>; empty for the record itself. What is missing is named by where it would stand.</param>
/// <param name="Code">Stable, upper-case code of the rule that was broken, for example <c>REQUIRED</c>.</param>
/// <param name="Message">One sentence for people.</param>
public sealed record FailureDetail(string Field, string Code, string Message);

/// <summary>A processor's answer. Immutable.</summary>
public readonly struct ProcessorResult
{
    /// <summary>How many details of a failure are kept; those behind are left out.</summary>
    public const int MaxDetails = 100;

    private readonly Failure? _failure;

    private ProcessorResult(ProcessorOutcome outcome, Failure? failure = null)
    {
        Outcome = outcome;
        _failure = failure;
    }

    /// <summary>The record goes on with the next processor. Also the default value of this type.</summary>
    public static ProcessorResult Continue => default;

    /// <summary>The record ends here and is counted as dropped.</summary>
    public static ProcessorResult Drop => new(ProcessorOutcome.Drop);

    /// <summary>The record skips the processors that follow and is delivered.</summary>
    public static ProcessorResult Terminate => new(ProcessorOutcome.Terminate);

    /// <summary>What is to become of the record.</summary>
    public ProcessorOutcome Outcome { get; }

    /// <summary>The failure's code; <c>null</c> unless the outcome is <see cref="ProcessorOutcome.Fail"/>.</summary>
    public string? Code => _failure?.Code;

    /// <summary>The failure's message; <c>null</c> unless the outcome is <see cref="ProcessorOutcome.Fail"/>.</summary>
    public string? Message => _failure?.Message;

    /// <summary>What is wrong with the record, one by one; empty where the message says it all. Since version 1.1 of the contract.</summary>
    public IReadOnlyList<FailureDetail> Details => _failure?.Details ?? [];

    /// <summary>The processor could not do its work; the configuration says what follows from that.</summary>
    /// <param name="code">Stable, upper-case code, for example <c>CONVERSION_FAILED</c>.</param>
    /// <param name="message">One sentence for people; names the field and shows the offending value.</param>
    /// <exception cref="ArgumentException">The code is empty.</exception>
    /// <exception cref="ArgumentNullException">The code or the message is <c>null</c>.</exception>
    public static ProcessorResult Fail(string code, string message) => Fail(code, message, []);

    /// <summary>The processor could not do its work, for several reasons or in several places. Since version 1.1 of the contract.</summary>
    /// <param name="code">As in <see cref="Fail(string, string)"/>.</param>
    /// <param name="message">As in <see cref="Fail(string, string)"/>.</param>
    /// <param name="details">What is wrong, one by one; the first <see cref="MaxDetails"/> are kept. May be empty.</param>
    /// <exception cref="ArgumentException">The code is empty, or one of the details is <c>null</c>.</exception>
    /// <exception cref="ArgumentNullException">The code, the message or the details are <c>null</c>.</exception>
    public static ProcessorResult Fail(string code, string message, IReadOnlyList<FailureDetail> details)
    {
        ArgumentException.ThrowIfNullOrEmpty(code);
        ArgumentNullException.ThrowIfNull(message);
        ArgumentNullException.ThrowIfNull(details);
        FailureDetail[] kept = details.Count == 0 ? [] : [.. details.Take(MaxDetails)];
        if (kept.Contains(null)) throw new ArgumentException("A detail is null.", nameof(details));
        return new(ProcessorOutcome.Fail, new Failure(code, message, kept));
    }

    /// <summary>The record would become longer than <see cref="Record.MaxBytes"/>: what the engine answers where a write was refused for it, and what a processor can answer that sees it coming. Since version 1.1 of the contract.</summary>
    /// <param name="maxBytes">How long it may be.</param>
    public static ProcessorResult TooLarge(int maxBytes) => Fail("RECORD_TOO_LARGE", $"The record would be longer than {maxBytes} bytes.");

    private sealed record Failure(string Code, string Message, FailureDetail[] Details);
}

/// <summary>The failure that an <c>onFailure</c> list is handling. Immutable.</summary>
/// <param name="Code">The failure's code.</param>
/// <param name="Message">The failure's message.</param>
/// <param name="ProcessorType">The type of the processor that failed.</param>
/// <param name="ProcessorTag">The tag of the processor that failed, or <c>null</c>.</param>
public sealed record ProcessorFailure(string Code, string Message, string ProcessorType, string? ProcessorTag);

/// <summary>What surrounds a record on its way. The engine uses one instance for many records: do not keep it.</summary>
/// <param name="clock">What tells <see cref="Now"/>.</param>
public sealed class ProcessorContext(TimeProvider clock)
{
    private DateTimeOffset? _now;

    /// <summary>The pipeline's id; <c>null</c> in the simulation of a configuration that is not stored.</summary>
    public Guid? PipelineId { get; init; }

    /// <summary>The pipeline's name; <c>null</c> in the simulation of a configuration that is not stored.</summary>
    public string? PipelineName { get; init; }

    /// <summary>The batch's id; <c>null</c> in a simulation.</summary>
    public Guid? BatchId { get; init; }

    /// <summary>The record's place in its batch, from 0.</summary>
    public int RecordIndex { get; private set; }

    /// <summary>The time, the same for all processors that a record meets.</summary>
    public DateTimeOffset Now => _now ??= clock.GetUtcNow();

    /// <summary>The failure that is being handled; <c>null</c> outside <c>onFailure</c>.</summary>
    public ProcessorFailure? Failure { get; private set; }

    /// <summary>Turns to another record. For the engine, and for tests of processors.</summary>
    /// <param name="recordIndex">The record's place in its batch, from 0.</param>
    public void MoveTo(int recordIndex)
    {
        RecordIndex = recordIndex;
        Failure = null;
        _now = null;
    }

    /// <summary>The same surroundings for somebody who may keep them.</summary>
    internal ProcessorContext Lend() => new(clock) { PipelineId = PipelineId, PipelineName = PipelineName, BatchId = BatchId, RecordIndex = RecordIndex, Failure = Failure, _now = Now };

    /// <summary>Sets the failure that is being handled. For the engine, and for tests of processors.</summary>
    /// <param name="failure">The failure; <c>null</c> when it has been handled.</param>
    [EditorBrowsable(EditorBrowsableState.Advanced)]
    public void Handle(ProcessorFailure? failure) => Failure = failure;
}
