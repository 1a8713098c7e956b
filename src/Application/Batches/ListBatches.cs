using DataPipeline.Application.Common;
using DataPipeline.Domain.Batches;
using DataPipeline.Domain.Common;
using DataPipeline.Domain.Pipelines;
using FluentValidation;

namespace DataPipeline.Application.Batches;

/// <summary>A pipeline's batches, newest first.</summary>
/// <param name="Status">Only those in this status; <c>null</c> for all.</param>
public sealed record ListBatches(OwnerId Owner, Guid PipelineId, BatchStatus? Status, PageRequest Page) : IQuery<Result<Page<Batch>>>;

internal sealed class ListBatchesValidator : AbstractValidator<ListBatches>
{
    public ListBatchesValidator(IValidator<PageRequest> page) => RuleFor(query => query.Page).SetValidator(page).OverridePropertyName("");
}

internal sealed class ListBatchesHandler(IReadDb db) : IQueryHandler<ListBatches, Result<Page<Batch>>>
{
    private const char List = 'b';

    public async Task<Result<Page<Batch>>> Handle(ListBatches request, CancellationToken cancellationToken)
    {
        var cursor = Cursor.ReadId(List, request.Page.Cursor);
        if (!cursor.IsSuccess) return cursor.Error;
        if (!await db.HasPipelineAsync(request.Owner, request.PipelineId, cancellationToken)) return PipelineErrors.NotFound(request.PipelineId);

        var batches = db.Batches.Where(batch => batch.PipelineId == request.PipelineId && batch.OwnerId == request.Owner);
        if (request.Status is { } status) batches = batches.Where(batch => batch.Status == status);
        if (cursor.Value is { } last) batches = batches.Where(batch => batch.Id < last);

        var rows = await db.ListAsync(batches.OrderByDescending(batch => batch.Id).Take(request.Page.Limit + 1), cancellationToken);
        return Page<Batch>.Of(rows, request.Page.Limit, row => Cursor.Of(List, row.Id));
    }
}
