using DataPipeline.Domain.Common;
using DataPipeline.Domain.Pipelines;
using Microsoft.EntityFrameworkCore;

namespace DataPipeline.Infrastructure.Persistence.Queue;

/// <summary>The turns at which chunks are served: each owner has one chunk a turn.</summary>
internal static class Rounds
{
    /// <summary>Behind every turn: from here on stand the chunks that a paused pipeline has waiting, so that whoever looks for work, or for a place in line, does not meet them.</summary>
    internal const long Held = 1L << 62;

    /// <summary>
    /// Fair queueing by start: an owner that has work waiting goes on after it; one that has none starts at the present turn,
    /// so that it neither waits for the others' backlogs nor gains from having been idle.
    /// </summary>
    internal static async Task<long> NextAsync(AppDbContext db, OwnerId owner, CancellationToken ct)
    {
        var active = db.BatchChunks.Where(c => c.Round < Held && db.Pipelines.Any(p => p.Id == c.PipelineId && p.Status == PipelineStatus.Active));
        var present = await active.Where(c => c.LeaseOwner == null).OrderBy(c => c.Round).ThenBy(c => c.Id).Select(c => (long?)c.Round).FirstOrDefaultAsync(ct)
            ?? await db.BatchChunks.Where(c => c.LeaseOwner != null).MaxAsync(c => (long?)c.Round, ct)
            ?? 0;
        var own = await active.Where(c => c.OwnerId == owner).OrderByDescending(c => c.Round).Select(c => (long?)c.Round).FirstOrDefaultAsync(ct);
        return Math.Max(present, own + 1 ?? 0);
    }
}
