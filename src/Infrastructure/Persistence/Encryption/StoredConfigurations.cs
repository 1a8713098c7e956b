using System.Linq.Expressions;
using DataPipeline.Application.Pipelines;
using DataPipeline.Domain.Pipelines;
using DataPipeline.Infrastructure.Persistence.Model;
using Microsoft.EntityFrameworkCore;

namespace DataPipeline.Infrastructure.Persistence.Encryption;

internal sealed class StoredConfigurations(Database database, ConfigEncryption encryption) : IStoredConfigurations
{
    private const int PageSize = 100;

    public async Task<int> ReencryptAsync(CancellationToken ct)
    {
        var current = $"{encryption.Prefix}%";
        return await ReencryptAsync<Pipeline>($"SELECT * FROM pipelines WHERE config NOT LIKE {current} LIMIT {PageSize}", pipeline => pipeline.Config, ct)
            + await ReencryptAsync<PipelineVersionRow>($"SELECT * FROM pipeline_versions WHERE config NOT LIKE {current} LIMIT {PageSize}", version => version.Config, ct);
    }

    public async Task<IReadOnlyList<string>> FindMissingKeysAsync(CancellationToken ct)
    {
        var (encrypted, start) = ($"{ConfigEncryption.Mark}%", ConfigEncryption.Mark.Length + 1);
        await using var db = database.Open();
        var found = await db.Database.SqlQuery<string>(
            $"""
            SELECT substr(config, {start}, {ConfigEncryption.KeyIdLength}) AS "Value" FROM pipelines WHERE config LIKE {encrypted}
            UNION SELECT substr(config, {start}, {ConfigEncryption.KeyIdLength}) FROM pipeline_versions WHERE config LIKE {encrypted}
            """).ToListAsync(ct);
        return [.. found.Where(id => !encryption.Has(id)).Order(StringComparer.Ordinal)];
    }

    /// <param name="others">Some of those that are not encrypted with the present key.</param>
    private async Task<int> ReencryptAsync<TEntity>(FormattableString others, Expression<Func<TEntity, PipelineConfig>> config, CancellationToken ct)
        where TEntity : class
    {
        for (var count = 0; ;)
        {
            try
            {
                var page = await database.InTransactionAsync(
                    async (db, transaction) =>
                    {
                        var rows = await db.Set<TEntity>().FromSql(others).ToListAsync(ct);
                        foreach (var row in rows) db.Entry(row).Property(config).IsModified = true;
                        await db.SaveChangesAsync(ct);
                        await transaction.CommitAsync(ct);
                        return rows.Count;
                    },
                    ct);
                if (page == 0) return count;
                count += page;
            }
            catch (DbUpdateConcurrencyException)
            {
                // One of them was redefined or deleted meanwhile: the others are found again.
            }
        }
    }
}
