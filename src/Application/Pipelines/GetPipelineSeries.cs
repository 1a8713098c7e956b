using System.Text.Json;
using DataPipeline.Application.Common;
using DataPipeline.Application.Processing;
using DataPipeline.Domain.Batches;
using DataPipeline.Domain.Common;
using DataPipeline.Domain.Pipelines;
using FluentValidation;

namespace DataPipeline.Application.Pipelines;

/// <summary>A pipeline's work over time, and what each processor of a version of it has done.</summary>
/// <param name="Window">How far back, from one step to <see cref="GetPipelineSeriesValidator.MaxWindow"/>.</param>
/// <param name="Step">The length of a point: whole minutes.</param>
/// <param name="Version">Whose processors; <c>null</c> for the current version's.</param>
public sealed record GetPipelineSeries(OwnerId Owner, Guid PipelineId, TimeSpan Window, TimeSpan Step, int? Version) : IQuery<Result<PipelineSeries>>;

/// <param name="From">Start of the first point: steps begin at whole multiples of their length since 1970.</param>
/// <param name="To">End of the last point, which may lie in the future.</param>
/// <param name="Processors">In the order of the configuration.</param>
public sealed record PipelineSeries(DateTimeOffset From, DateTimeOffset To, TimeSpan Step, IReadOnlyList<MetricPoint> Points, int Version, IReadOnlyList<ProcessorTally> Processors);

internal sealed class GetPipelineSeriesValidator : AbstractValidator<GetPipelineSeries>
{
    internal const int MaxPoints = 1_500;
    internal static readonly TimeSpan MaxWindow = TimeSpan.FromDays(7);

    public GetPipelineSeriesValidator()
    {
        RuleFor(query => query.Step).Must(step => step > TimeSpan.Zero && step.Ticks % TimeSpan.TicksPerMinute == 0)
            .OverridePropertyName("step").WithErrorCode("INVALID").WithMessage("step must be one or more whole minutes.");
        RuleFor(query => query.Window).Must((query, window) => window >= query.Step && window <= MaxWindow)
            .OverridePropertyName("window").WithErrorCode("INVALID").WithMessage($"window must be at least one step and at most {MaxWindow.TotalDays} days.");
        RuleFor(query => query.Window).Must((query, window) => window / query.Step <= MaxPoints).When(query => query.Step > TimeSpan.Zero)
            .OverridePropertyName("step").WithErrorCode("INVALID").WithMessage($"window and step make more than {MaxPoints} points.");
    }
}

internal sealed class GetPipelineSeriesHandler(IReadDb db, IPipelineVersions versions, IPipelineMetrics metrics, TimeProvider clock) : IQueryHandler<GetPipelineSeries, Result<PipelineSeries>>
{
    public async Task<Result<PipelineSeries>> Handle(GetPipelineSeries request, CancellationToken cancellationToken)
    {
        var pipeline = await db.FirstOrDefaultAsync(db.Pipelines.Where(pipeline => pipeline.Id == request.PipelineId && pipeline.OwnerId == request.Owner), cancellationToken);
        if (pipeline is null) return PipelineErrors.NotFound(request.PipelineId);
        var version = request.Version ?? pipeline.Version;
        if (await versions.FindAsync(pipeline.Id, version, cancellationToken) is not { } config) return PipelineErrors.NoSuchVersion(pipeline, version);

        var to = StartOfStep(clock.GetUtcNow(), request.Step) + request.Step;
        var from = StartOfStep(to - request.Window, request.Step);
        var points = await metrics.ReadSeriesAsync(pipeline.Id, from, request.Step, (int)((to - from) / request.Step), cancellationToken);
        return new PipelineSeries(from, to, request.Step, points, version, await ReadProcessorsAsync(pipeline.Id, version, config, cancellationToken));
    }

    private async Task<IReadOnlyList<ProcessorTally>> ReadProcessorsAsync(Guid pipelineId, int version, PipelineConfig config, CancellationToken ct)
    {
        var counted = (await metrics.ReadProcessorsAsync(pipelineId, version, ct)).ToDictionary(row => row.Index);
        return [.. config.ToElement().GetProperty("processors").EnumerateArray().Select((processor, index) => Of(processor, index))];

        ProcessorTally Of(JsonElement processor, int index)
        {
            var tag = processor.TryGetProperty("tag", out var given) ? given.GetString() : null;
            var row = counted.GetValueOrDefault(index) ?? new ProcessorCounts(index, 0, 0, 0, 0);
            return new ProcessorTally(new ProcessorRef(index, processor.GetProperty("type").GetString()!, tag), row.Records, row.Failed, row.Dropped, row.TotalMs);
        }
    }

    private static DateTimeOffset StartOfStep(DateTimeOffset time, TimeSpan step)
    {
        var sinceEpoch = time - DateTimeOffset.UnixEpoch;
        return DateTimeOffset.UnixEpoch + TimeSpan.FromTicks(sinceEpoch.Ticks - (sinceEpoch.Ticks % step.Ticks));
    }
}
