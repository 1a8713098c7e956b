using DataPipeline.Application.Pipelines;
using DataPipeline.Domain.Pipelines;
using Microsoft.EntityFrameworkCore;

namespace DataPipeline.Infrastructure.Persistence;

internal sealed class PipelineVersions(Database database) : IPipelineVersions
{
    public async Task<PipelineConfig?> FindAsync(Guid pipelineId, int version, CancellationToken ct)
    {
        await using var db = database.Open();
        return await db.PipelineVersions.Where(v => v.PipelineId == pipelineId && v.Version == version).Select(v => v.Config).SingleOrDefaultAsync(ct);
    }
}
