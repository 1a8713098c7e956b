namespace DataPipeline.Infrastructure.Persistence;

/// <summary>Removes idempotency keys that have expired, so few at a time that nobody waits for it.</summary>
internal sealed class IdempotencyKeyCleaner(Database database)
{
    private const int AtOnce = 1_000;

    internal async Task RemoveExpiredAsync(CancellationToken ct)
    {
        while (await RemoveSomeAsync(ct) == AtOnce)
        {
            // There are more.
        }
    }

    private Task<int> RemoveSomeAsync(CancellationToken ct) => database.WriteAsync(
        $"DELETE FROM idempotency_keys WHERE (pipeline_id, key) IN (SELECT pipeline_id, key FROM idempotency_keys WHERE expires_at <= {database.Now} LIMIT {AtOnce})", [], ct);
}
