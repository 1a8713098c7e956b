using System.Globalization;
using DataPipeline.Application.Batches;
using DataPipeline.Application.Common;
using DataPipeline.Domain.Common;
using DataPipeline.Domain.Pipelines;

namespace DataPipeline.Application.Events;

/// <summary>What happens to a pipeline and its batches, as it happens.</summary>
/// <param name="KeyId">The key that asks.</param>
/// <param name="LastEventId">The last event that the caller has of an earlier stream of this pipeline; <c>null</c> for none.</param>
public sealed record WatchPipeline(OwnerId Owner, Guid KeyId, Guid PipelineId, string? LastEventId) : IQuery<Result<IWatch>>;

internal sealed class WatchPipelineHandler(IReadDb db, IEventHub hub) : IQueryHandler<WatchPipeline, Result<IWatch>>
{
    public async Task<Result<IWatch>> Handle(WatchPipeline request, CancellationToken cancellationToken)
    {
        DateTimeOffset? since = null;
        if (request.LastEventId is { } id)
        {
            if (!DateTimeOffset.TryParseExact(id, EventTime.Format, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time)) return WatchErrors.UnknownId();
            since = time;
        }

        if (!await db.HasPipelineAsync(request.Owner, request.PipelineId, cancellationToken)) return PipelineErrors.NotFound(request.PipelineId);
        return await hub.WatchPipelineAsync(request.Owner, request.KeyId, request.PipelineId, since, cancellationToken);
    }
}

/// <summary>Times as the ids of a pipeline's events.</summary>
public static class EventTime
{
    internal const string Format = "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'";

    public static string ToId(DateTimeOffset time) => time.UtcDateTime.ToString(Format, CultureInfo.InvariantCulture);
}
