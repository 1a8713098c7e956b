using DataPipeline.Application.Common;
using DataPipeline.Domain.Common;
using DataPipeline.Domain.Pipelines;
using FluentValidation;

namespace DataPipeline.Application.Pipelines;

/// <summary>The owner's pipelines, newest first.</summary>
/// <param name="Status">Only those in this status; <c>null</c> for all.</param>
/// <param name="Name">Only the one of this name, case aside; <c>null</c> for all.</param>
public sealed record ListPipelines(OwnerId Owner, PipelineStatus? Status, string? Name, PageRequest Page) : IQuery<Result<Page<PipelineSummary>>>;

internal sealed class ListPipelinesValidator : AbstractValidator<ListPipelines>
{
    public ListPipelinesValidator(IValidator<PageRequest> page) => RuleFor(query => query.Page).SetValidator(page).OverridePropertyName("");
}

internal sealed class ListPipelinesHandler(IReadDb db, IPipelineMetrics metrics) : IQueryHandler<ListPipelines, Result<Page<PipelineSummary>>>
{
    private const char List = 'p';

    public async Task<Result<Page<PipelineSummary>>> Handle(ListPipelines request, CancellationToken cancellationToken)
    {
        var cursor = Cursor.ReadId(List, request.Page.Cursor);
        if (!cursor.IsSuccess) return cursor.Error;

        var pipelines = db.Pipelines.Where(pipeline => pipeline.OwnerId == request.Owner);
        if (request.Status is { } status) pipelines = pipelines.Where(pipeline => pipeline.Status == status);
        if (request.Name is { } name && Pipeline.KeyOf(name) is var key) pipelines = pipelines.Where(pipeline => pipeline.NameKey == key);
        if (cursor.Value is { } last) pipelines = pipelines.Where(pipeline => pipeline.Id < last);

        var rows = await db.ListAsync(pipelines.OrderByDescending(pipeline => pipeline.Id).Take(request.Page.Limit + 1).Select(PipelineSummary.Of), cancellationToken);
        var page = Page<PipelineSummary>.Of(rows, request.Page.Limit, row => Cursor.Of(List, row.Id));
        var activity = await metrics.ReadActivityAsync([.. page.Items.Select(row => row.Id)], cancellationToken);
        return page.Select(row => row with { Activity = activity[row.Id] });
    }
}
