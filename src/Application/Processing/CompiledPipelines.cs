using DataPipeline.Application.Pipelines;
using DataPipeline.Domain.Common;
using DataPipeline.Domain.Pipelines;

namespace DataPipeline.Application.Processing;

/// <summary>
/// The pipeline versions that were compiled lately. A compiled pipeline serves one worker at a time, so each version has as many as were ever
/// used at once. Thread-safe.
/// </summary>
internal sealed class CompiledPipelines(IPipelineVersions versions, PipelineCompiler compiler, LostCalls.Registry lost)
{
    internal const int MaxVersions = 256;

    private readonly Lock _lock = new();
    private readonly Dictionary<(Guid, int), LinkedListNode<Entry>> _entries = [];

    /// <summary>The latest used one first.</summary>
    private readonly LinkedList<Entry> _byUse = new();

    /// <summary>Takes a compiled pipeline out; to be brought back with <see cref="Return"/>.</summary>
    /// <exception cref="InvalidOperationException">The pipeline is gone, or was stored in a form this process cannot run.</exception>
    internal async ValueTask<Loan> RentAsync(OwnerId owner, Guid pipelineId, int version, CancellationToken ct)
    {
        var entry = Find((pipelineId, version));
        if (entry is null)
        {
            var config = await versions.FindAsync(pipelineId, version, ct) ?? throw new InvalidOperationException($"Pipeline {pipelineId} has no version {version}.");
            entry = GetOrAdd(owner, (pipelineId, version), config);
        }

        lock (_lock)
        {
            if (entry.Idle.TryPop(out var idle)) return new Loan(entry, idle);
        }

        var compiled = compiler.Compile(entry.Config.ToElement());
        if (compiled.IsSuccess) return new Loan(entry, compiled.Value);
        var faults = string.Join(" ", compiled.Error.Details.Select(detail => $"{detail.Field}: {detail.Message}"));
        throw new InvalidOperationException($"Version {version} of pipeline {pipelineId} cannot be run here: {faults}");
    }

    /// <param name="isUsable">False for one that a call was given up of: its processors may still be at work.</param>
    internal void Return(Loan loan, bool isUsable = true)
    {
        lock (_lock)
        {
            if (isUsable && !loan.Entry.IsEvicted)
            {
                loan.Entry.Idle.Push(loan.Pipeline);
                return;
            }
        }

        loan.Pipeline.Dispose();
    }

    private Entry? Find((Guid, int) key)
    {
        lock (_lock)
        {
            if (!_entries.TryGetValue(key, out var node)) return null;
            _byUse.Remove(node);
            _byUse.AddFirst(node);
            return node.Value;
        }
    }

    private Entry GetOrAdd(OwnerId owner, (Guid, int) key, PipelineConfig config)
    {
        Entry? evicted = null;
        Entry entry;
        lock (_lock)
        {
            if (_entries.TryGetValue(key, out var present)) return present.Value;
            entry = new Entry(key, config, lost.NewAccount(owner));
            _entries.Add(key, _byUse.AddFirst(entry));
            if (_entries.Count > MaxVersions)
            {
                evicted = _byUse.Last!.Value;
                evicted.IsEvicted = true;
                _byUse.RemoveLast();
                _entries.Remove(evicted.Key);
            }
        }

        foreach (var pipeline in evicted?.Idle ?? []) pipeline.Dispose();
        return entry;
    }

    internal readonly record struct Loan(Entry Entry, CompiledPipeline Pipeline);

    internal sealed class Entry((Guid, int) key, PipelineConfig config, LostCalls lost)
    {
        internal (Guid, int) Key { get; } = key;

        internal PipelineConfig Config { get; } = config;

        internal LostCalls Lost { get; } = lost;

        internal Stack<CompiledPipeline> Idle { get; } = new();

        internal bool IsEvicted { get; set; }
    }
}
