using System.Reflection;
using DataPipeline.Application.Common;
using DataPipeline.Domain.Batches;
using DataPipeline.Domain.Common;
using DataPipeline.Domain.Pipelines;

namespace DataPipeline.WebApi.Http;

/// <summary><c>?limit=&amp;cursor=</c></summary>
internal sealed record PageQuery(PageRequest Page, Error? Fault) : IBound, IBindableFromHttpContext<PageQuery>
{
    public static ValueTask<PageQuery?> BindAsync(HttpContext context, ParameterInfo parameter)
    {
        var query = new QueryMembers(context.Request.Query);
        var page = query.Page();
        return ValueTask.FromResult<PageQuery?>(new PageQuery(page, query.Fault));
    }
}

/// <summary><c>?status=&amp;name=&amp;limit=&amp;cursor=</c></summary>
internal sealed record PipelinesQuery(PipelineStatus? Status, string? Name, PageRequest Page, Error? Fault) : IBound, IBindableFromHttpContext<PipelinesQuery>
{
    public static ValueTask<PipelinesQuery?> BindAsync(HttpContext context, ParameterInfo parameter)
    {
        var query = new QueryMembers(context.Request.Query);
        var (status, name, page) = (query.OneOf<PipelineStatus>("status"), query.Text("name"), query.Page());
        return ValueTask.FromResult<PipelinesQuery?>(new PipelinesQuery(status, name, page, query.Fault));
    }
}

/// <summary><c>?status=&amp;limit=&amp;cursor=</c></summary>
internal sealed record BatchesQuery(BatchStatus? Status, PageRequest Page, Error? Fault) : IBound, IBindableFromHttpContext<BatchesQuery>
{
    public static ValueTask<BatchesQuery?> BindAsync(HttpContext context, ParameterInfo parameter)
    {
        var query = new QueryMembers(context.Request.Query);
        var (status, page) = (query.OneOf<BatchStatus>("status"), query.Page());
        return ValueTask.FromResult<BatchesQuery?>(new BatchesQuery(status, page, query.Fault));
    }
}

/// <summary><c>?window=&amp;step=&amp;version=</c></summary>
internal sealed record SeriesQuery(TimeSpan Window, TimeSpan Step, int? Version, Error? Fault) : IBound, IBindableFromHttpContext<SeriesQuery>
{
    private static readonly TimeSpan DefaultWindow = TimeSpan.FromHours(1);
    private static readonly TimeSpan DefaultStep = TimeSpan.FromMinutes(1);

    public static ValueTask<SeriesQuery?> BindAsync(HttpContext context, ParameterInfo parameter)
    {
        var query = new QueryMembers(context.Request.Query);
        var (window, step, version) = (query.Duration("window", DefaultWindow), query.Duration("step", DefaultStep), query.Number("version"));
        return ValueTask.FromResult<SeriesQuery?>(new SeriesQuery(window, step, version, query.Fault));
    }
}
