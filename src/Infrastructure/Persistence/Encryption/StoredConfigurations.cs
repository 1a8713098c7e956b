using System.Linq.Expressions;
using System.Runtime.CompilerServices;
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
        var count = await ReencryptAsync<Pipeline>("pipelines", pipeline => pipeline.Config, ct) + await ReencryptAsync<PipelineVersionRow>("pipeline_versions", version => version.Config, ct);
        if (await FindMissingKeysAsync(ct) is { Count: > 0 } missing)
            throw new UnreadableConfigurationException($"{count} configurations were encrypted anew; left as they were are those under keys that are not among Secrets:Keys: {string.Join(", ", missing)}.");
        return count;
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

    /// <remarks>Configurations under a key that is not here are passed over, so that one that is lost does not hold up the others.</remarks>
    private async Task<int> ReencryptAsync<TEntity>(string table, Expression<Func<TEntity, PipelineConfig>> config, CancellationToken ct)
        where TEntity : class
    {
        var others = FormattableStringFactory.Create(
            $$"""
            SELECT * FROM {{table}} WHERE config NOT LIKE {0}
            AND (config NOT LIKE {1} OR {2} LIKE '%' || substr(config, {3}, {4}) || '%') LIMIT {5}
            """,
            $"{encryption.Prefix}%", $"{ConfigEncryption.Mark}%", encryption.Keys, ConfigEncryption.Mark.Length + 1, ConfigEncryption.KeyIdLength, PageSize);
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
