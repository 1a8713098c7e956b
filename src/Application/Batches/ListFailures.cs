using DataPipeline.Application.Common;
using DataPipeline.Domain.Common;
using FluentValidation;

namespace DataPipeline.Application.Batches;

/// <summary>The captured failures of a batch, by record index.</summary>
public sealed record ListFailures(OwnerId Owner, Guid PipelineId, Guid BatchId, PageRequest Page) : IQuery<Result<Page<StoredFailure>>>;

internal sealed class ListFailuresValidator : AbstractValidator<ListFailures>
{
    public ListFailuresValidator(IValidator<PageRequest> page) => RuleFor(query => query.Page).SetValidator(page).OverridePropertyName("");
}

internal sealed class ListFailuresHandler(IReadDb db, IBatchStore store) : IQueryHandler<ListFailures, Result<Page<StoredFailure>>>
{
    private const char List = 'e';

    public async Task<Result<Page<StoredFailure>>> Handle(ListFailures request, CancellationToken cancellationToken)
    {
        var cursor = Cursor.ReadIndex(List, request.Page.Cursor);
        if (!cursor.IsSuccess) return cursor.Error;
        var batch = await db.FindBatchAsync(request.Owner, request.PipelineId, request.BatchId, cancellationToken);
        if (!batch.IsSuccess) return batch.Error;
        var failures = await store.ReadFailuresAsync(request.BatchId, cursor.Value, request.Page.Size, cancellationToken);
        return Page<StoredFailure>.Of(failures, stored => Cursor.Of(List, stored.Failure.RecordIndex));
    }
}
