using System.Diagnostics.CodeAnalysis;
using DataPipeline.Domain.Batches;
using DataPipeline.Domain.Pipelines;
using DataPipeline.Domain.Processing;

namespace DataPipeline.Application.Processing;

/// <summary>A configuration made ready to run. Used by one worker at a time.</summary>
/// <param name="recordSchema">What records are checked against before the first processor; <c>null</c> for nothing.</param>
/// <param name="destination"><c>null</c> for <c>store</c>, which the commit of a chunk's work serves.</param>
internal sealed class CompiledPipeline(RecordSchema? recordSchema, CompiledStep[] steps, IDestination? destination, ErrorPolicy policy) : IDisposable
{
    /// <summary>What its processors that come from plugins are called through; <c>null</c> where there are none.</summary>
    internal PluginCalls? Plugins { get; init; }

    internal RecordSchema? RecordSchema { get; } = recordSchema;

    internal CompiledStep[] Steps { get; } = steps;

    internal IDestination? Destination { get; } = destination;

    /// <summary>Whether the destination comes from a plugin, which may keep what it is given.</summary>
    internal bool DeliversToPlugin { get; init; }

    internal ErrorPolicy Policy { get; } = policy;

    public void Dispose()
    {
        foreach (var step in Steps) step.Dispose();
        Release(Destination);
    }

    /// <summary>Disposes of a processor or destination, which may come from a plugin.</summary>
    [SuppressMessage("Design", "CA1031", Justification = "What has done its work can do no harm any more by not going quietly.")]
    internal static void Release(object? component)
    {
        try
        {
            (component as IDisposable)?.Dispose();
        }
        catch (Exception)
        {
            return;
        }
    }
}

/// <summary>A processor with the frame its configuration puts around it.</summary>
internal sealed class CompiledStep : IDisposable
{
    private readonly object _processor;
    private readonly bool _isAtomic;

    /// <param name="processor">An <see cref="IProcessor"/> or an <see cref="IAsyncProcessor"/>.</param>
    internal CompiledStep(ProcessorRef reference, object processor, bool isAtomic)
    {
        Reference = reference;
        _processor = processor;
        Processor = processor as IProcessor;
        AsyncProcessor = Processor is null ? (IAsyncProcessor)processor : null;
        _isAtomic = isAtomic;
    }

    /// <summary>What failures call it. Within <c>onFailure</c> the index is that of the processor that failed.</summary>
    internal ProcessorRef Reference { get; }

    internal IProcessor? Processor { get; }

    /// <summary>Not <c>null</c> where <see cref="Processor"/> is.</summary>
    internal IAsyncProcessor? AsyncProcessor { get; }

    /// <summary>Whether a failure leaves the record as it was. A plugin is lent another one, so that it need not be asked.</summary>
    internal bool IsAtomic => _isAtomic || Plugins is not null;

    /// <summary>What the processor is called through where it comes from a plugin; else <c>null</c>.</summary>
    internal PluginCalls? Plugins { get; init; }

    internal Condition? If { get; init; }

    internal bool IgnoreFailure { get; init; }

    internal CompiledStep[]? OnFailure { get; init; }

    public void Dispose()
    {
        CompiledPipeline.Release(_processor);
        foreach (var step in OnFailure ?? []) step.Dispose();
    }
}
