using System.Collections.Concurrent;
using DataPipeline.Domain.Common;

namespace DataPipeline.Application.Processing;

/// <summary>
/// Calls of plugins that were given up and have not come back: each may have a thread and a processor, for ever. A pipeline version that has lost some calls no more
/// plugins until they are back; its records fail instead. Thread-safe.
/// </summary>
internal sealed class LostCalls(LostCalls.OfOwner owner)
{
    internal const int MaxOfVersion = 8;

    /// <summary>Past this, versions that have lost none may call on; each of them can lose one more.</summary>
    internal const int MaxOfOwner = 16;

    private int _count;

    internal bool IsFull => _count >= MaxOfVersion || (_count > 0 && owner.Count >= MaxOfOwner);

    internal void Add()
    {
        Interlocked.Increment(ref _count);
        owner.Add(1);
    }

    internal void Remove()
    {
        Interlocked.Decrement(ref _count);
        owner.Add(-1);
    }

    internal sealed class OfOwner
    {
        private int _count;

        internal int Count => _count;

        internal void Add(int calls) => Interlocked.Add(ref _count, calls);
    }

    /// <summary>One for each owner whose pipelines were run.</summary>
    internal sealed class Registry
    {
        private readonly ConcurrentDictionary<OwnerId, OfOwner> _owners = new();

        internal LostCalls NewAccount(OwnerId owner) => new(_owners.GetOrAdd(owner, _ => new OfOwner()));
    }
}
