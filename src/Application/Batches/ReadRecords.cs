using System.Runtime.CompilerServices;
using DataPipeline.Application.Common;
using DataPipeline.Domain.Common;
using FluentValidation;

namespace DataPipeline.Application.Batches;

/// <summary>The records of a batch that reached the <c>store</c> destination, in submission order, a page at a time.</summary>
public sealed record ReadRecords(OwnerId Owner, Guid PipelineId, Guid BatchId, PageRequest Page) : IQuery<Result<Page<StoredRecord>>>;

/// <summary>The same, all of them: read as they are asked for, a few at a time in memory.</summary>
public sealed record StreamRecords(OwnerId Owner, Guid PipelineId, Guid BatchId) : IQuery<Result<IAsyncEnumerable<IReadOnlyList<StoredRecord>>>>;

internal sealed class ReadRecordsValidator : AbstractValidator<ReadRecords>
{
    public ReadRecordsValidator(IValidator<PageRequest> page) => RuleFor(query => query.Page).SetValidator(page).OverridePropertyName("");
}

internal sealed class ReadRecordsHandler(IReadDb db, IBatchStore store) : IQueryHandler<ReadRecords, Result<Page<StoredRecord>>>
{
    private const char List = 'r';

    public async Task<Result<Page<StoredRecord>>> Handle(ReadRecords request, CancellationToken cancellationToken)
    {
        var cursor = Cursor.ReadIndex(List, request.Page.Cursor);
        if (!cursor.IsSuccess) return cursor.Error;
        var batch = await db.FindBatchAsync(request.Owner, request.PipelineId, request.BatchId, cancellationToken);
        if (!batch.IsSuccess) return batch.Error;
        var records = await store.ReadRecordsAsync(request.BatchId, cursor.Value, request.Page.Size, cancellationToken);
        return Page<StoredRecord>.Of(records, record => Cursor.Of(List, record.RecordIndex));
    }
}

internal sealed class StreamRecordsHandler(IReadDb db, IBatchStore store) : IQueryHandler<StreamRecords, Result<IAsyncEnumerable<IReadOnlyList<StoredRecord>>>>
{
    private static readonly SliceSize AtATime = new(5_000, 2 << 20);

    public async Task<Result<IAsyncEnumerable<IReadOnlyList<StoredRecord>>>> Handle(StreamRecords request, CancellationToken cancellationToken)
    {
        var batch = await db.FindBatchAsync(request.Owner, request.PipelineId, request.BatchId, cancellationToken);
        if (!batch.IsSuccess) return batch.Error;
        return Result<IAsyncEnumerable<IReadOnlyList<StoredRecord>>>.Success(ReadAsync(request.BatchId, cancellationToken));
    }

    private async IAsyncEnumerable<IReadOnlyList<StoredRecord>> ReadAsync(Guid batchId, [EnumeratorCancellation] CancellationToken ct)
    {
        for (var last = -1; ;)
        {
            var (records, hasMore) = await store.ReadRecordsAsync(batchId, last, AtATime, ct);
            if (records.Count > 0) yield return records;
            if (!hasMore) yield break;
            last = records[^1].RecordIndex;
        }
    }
}
