using DataPipeline.Domain.Processing;

namespace DataPipeline.Samples.BrokenPlugin;

/// <summary>Broken: the service has a processor of this name.</summary>
[Processor("set", "9.0")]
public sealed class TakenProcessor : IProcessor
{
    /// <inheritdoc/>
    public ProcessorResult Process(Record record, ProcessorContext context) => ProcessorResult.Continue;
}

/// <summary>Broken: the service has a destination of this name.</summary>
[Destination("store", "9.0")]
public sealed class TakenDestination : IDestination
{
    /// <inheritdoc/>
    public ValueTask DeliverAsync(DeliveryChunk chunk, CancellationToken cancellationToken) => ValueTask.CompletedTask;
}

/// <summary>Broken: configurations cannot write such a name.</summary>
[Processor("not a name", "1.0")]
public sealed class MisnamedProcessor : IProcessor
{
    /// <inheritdoc/>
    public ProcessorResult Process(Record record, ProcessorContext context) => ProcessorResult.Continue;
}

/// <summary>Broken: it says what it is, and is not.</summary>
[Processor("noProcessor", "1.0")]
public sealed class NoProcessor;

/// <summary>Broken: its options cannot be made without arguments.</summary>
[Processor("positionalOptions", "1.0")]
public sealed class PositionalOptionsProcessor(PositionalOptionsProcessor.Options options) : IProcessor
{
    /// <inheritdoc/>
    public ProcessorResult Process(Record record, ProcessorContext context) => ProcessorResult.Fail("NEVER", options.Name);

    /// <param name="Name">A name.</param>
    public sealed record Options(string Name);
}

/// <summary>Broken: an option is of a type that no configuration can hold.</summary>
[Processor("strangeOptions", "1.0")]
public sealed class StrangeOptionsProcessor(StrangeOptionsProcessor.Options options) : IProcessor
{
    /// <inheritdoc/>
    public ProcessorResult Process(Record record, ProcessorContext context) => ProcessorResult.Fail("NEVER", $"{options.Address}");

    /// <summary>Options.</summary>
    public sealed record Options
    {
        /// <summary>An address.</summary>
        public Uri? Address { get; init; }
    }
}

/// <summary>Usable as it seems: its constructor refuses every configuration.</summary>
[Processor("refusing", "1.0")]
public sealed class RefusingProcessor : IProcessor, IDisposable
{
    /// <summary>Refuses.</summary>
    public RefusingProcessor() => throw new InvalidOperationException("Not today.");

    /// <inheritdoc/>
    public ProcessorResult Process(Record record, ProcessorContext context) => ProcessorResult.Continue;

    /// <inheritdoc/>
    public void Dispose() => throw new InvalidOperationException("Never.");
}

/// <summary>Usable, and crashes at every record that has a field <c>crash</c>.</summary>
[Processor("crashing", "1.0")]
public sealed class CrashingProcessor : IProcessor, IDisposable
{
    private static readonly FieldPath Crash = FieldPath.Parse("crash");

    /// <inheritdoc/>
    public ProcessorResult Process(Record record, ProcessorContext context)
    {
        ArgumentNullException.ThrowIfNull(record);
        record.TrySet(FieldPath.Parse("halfDone"), RecordValue.From(true));
        return record.Get(Crash).IsMissing ? ProcessorResult.Continue : throw new InvalidOperationException($"Crashed on {record.Get(Crash)}.");
    }

    /// <summary>Crashes too.</summary>
    public void Dispose() => throw new InvalidOperationException("Not quietly.");
}

/// <summary>Usable, and crashes like <see cref="CrashingProcessor"/>, later.</summary>
[Processor("crashingLater", "1.0")]
public sealed class CrashingLaterProcessor : IAsyncProcessor
{
    /// <inheritdoc/>
    public async ValueTask<ProcessorResult> ProcessAsync(Record record, ProcessorContext context, CancellationToken cancellationToken)
    {
        await Task.Yield();
        throw new OperationCanceledException("Nobody asked for it.");
    }
}

/// <summary>Usable, and never gets anything delivered.</summary>
[Destination("refusingDestination", "1.0")]
public sealed class RefusingDestination : IDestination
{
    /// <inheritdoc/>
    public ValueTask DeliverAsync(DeliveryChunk chunk, CancellationToken cancellationToken) => throw new InvalidOperationException("The door is shut.");
}

/// <summary>Usable, and never comes back from a record that has a field <c>hang</c>: it blocks its thread, or spins where the field says so.</summary>
[Processor("hanging", "1.0")]
public sealed class HangingProcessor : IProcessor
{
    private static readonly FieldPath Hang = FieldPath.Parse("hang");

    /// <inheritdoc/>
    public ProcessorResult Process(Record record, ProcessorContext context)
    {
        ArgumentNullException.ThrowIfNull(record);
        var hang = record.Get(Hang);
        if (hang.IsMissing) return ProcessorResult.Continue;
        while (hang.GetString() == "spin") { }
        new ManualResetEventSlim().Wait(CancellationToken.None);
        return ProcessorResult.Continue;
    }
}

/// <summary>Usable, and does not come back from a record that has a field <c>hang</c>, whatever its token says.</summary>
[Processor("hangingLater", "1.0")]
public sealed class HangingLaterProcessor : IAsyncProcessor
{
    private static readonly FieldPath Hang = FieldPath.Parse("hang");

    /// <inheritdoc/>
    public async ValueTask<ProcessorResult> ProcessAsync(Record record, ProcessorContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(record);
        if (!record.Get(Hang).IsMissing) await Task.Delay(Timeout.Infinite, CancellationToken.None);
        return ProcessorResult.Continue;
    }
}

/// <summary>Usable, and slow: it waits at every record for as many milliseconds as it is told.</summary>
[Processor("slow", "1.0")]
public sealed class SlowProcessor(SlowProcessor.Options options) : IAsyncProcessor
{
    /// <inheritdoc/>
    public async ValueTask<ProcessorResult> ProcessAsync(Record record, ProcessorContext context, CancellationToken cancellationToken)
    {
        await Task.Delay(options.Milliseconds, cancellationToken);
        return ProcessorResult.Continue;
    }

    /// <summary>Options.</summary>
    public sealed record Options
    {
        /// <summary>How long it waits.</summary>
        public required int Milliseconds { get; init; }
    }
}

/// <summary>Usable, and makes 128 MiB of each record, or of the message it fails with where the record has a field <c>fail</c>.</summary>
[Processor("bloating", "1.0")]
public sealed class BloatingProcessor : IProcessor
{
    private const int Characters = 1 << 26;

    /// <inheritdoc/>
    public ProcessorResult Process(Record record, ProcessorContext context)
    {
        ArgumentNullException.ThrowIfNull(record);
        var text = new string('x', Characters);
        if (!record.Get(FieldPath.Parse("fail")).IsMissing) return ProcessorResult.Fail(text, text);
        record.TrySet(FieldPath.Parse("text"), RecordValue.From(text));
        return ProcessorResult.Continue;
    }
}

/// <summary>Usable, and never done with what it gets, whatever its token says.</summary>
[Destination("hangingDestination", "1.0")]
public sealed class HangingDestination : IDestination
{
    /// <inheritdoc/>
    public ValueTask DeliverAsync(DeliveryChunk chunk, CancellationToken cancellationToken)
    {
        new ManualResetEventSlim().Wait(CancellationToken.None);
        return ValueTask.CompletedTask;
    }
}
