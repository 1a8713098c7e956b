using DataPipeline.Application.Common;
using Microsoft.EntityFrameworkCore;

namespace DataPipeline.Infrastructure.Persistence;

internal sealed class UnitOfWork(AppDbContext context, Database database) : IUnitOfWork
{
    public async Task SaveChangesAsync(CancellationToken ct)
    {
        using var turn = await database.EnterWriteAsync(ct);
        try
        {
            await context.SaveChangesAsync(ct);
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

    private ConcurrentChangeException Stale(Exception cause, bool nameTaken)
    {
        context.ChangeTracker.Clear();
        return new ConcurrentChangeException(cause) { NameTaken = nameTaken };
    }
}
