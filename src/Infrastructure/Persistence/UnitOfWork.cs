using DataPipeline.Application.Common;
using DataPipeline.Domain.Pipelines;
using DataPipeline.Infrastructure.Persistence.Queue;
using Microsoft.EntityFrameworkCore;

namespace DataPipeline.Infrastructure.Persistence;

internal sealed class UnitOfWork(AppDbContext context, Database database, BatchQueue queue) : IUnitOfWork
{
    public async Task SaveChangesAsync(CancellationToken ct)
    {
        using var turn = await database.EnterWriteAsync(ct);
        try
        {
            await SaveAsync(ct);
        }
        catch (DbUpdateConcurrencyException changed)
        {
            throw Stale(changed, nameTaken: false);
        }
        catch (DbUpdateException violation) when (database.IsConstraintViolation(violation, out var ofPipelineName))
        {
            throw Stale(violation, ofPipelineName);
        }
    }

    private async Task SaveAsync(CancellationToken ct)
    {
        var moved = context.ChangeTracker.Entries<Pipeline>().Where(entry => entry.State == EntityState.Modified && entry.Property(pipeline => pipeline.Status).IsModified).Select(entry => entry.Entity).ToList();
        if (moved.Count == 0)
        {
            await context.SaveChangesAsync(ct);
            return;
        }

        await using var transaction = await context.Database.BeginTransactionAsync(ct);
        await context.SaveChangesAsync(ct);
        foreach (var pipeline in moved) await queue.FollowAsync(context, pipeline, ct);
        await transaction.CommitAsync(ct);
    }

    private ConcurrentChangeException Stale(Exception cause, bool nameTaken)
    {
        context.ChangeTracker.Clear();
        return new ConcurrentChangeException(cause) { NameTaken = nameTaken };
    }
}
