using DataPipeline.Application.Pipelines;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace DataPipeline.Infrastructure.Persistence.Encryption;

/// <summary>Says at start what is wrong with the keys, beside everything else: much of the service works without them.</summary>
internal sealed class EncryptionCheck(IStoredConfigurations configurations, ConfigEncryption encryption, Database database, ILogger<EncryptionCheck> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (encryption.IsEmbedded) PersistenceLog.NoKey(logger);
        try
        {
            if (await configurations.FindMissingKeysAsync(stoppingToken) is { Count: > 0 } missing) PersistenceLog.KeysMissing(logger, string.Join(", ", missing));
        }
        catch (Exception failure) when (stoppingToken.IsCancellationRequested || database.IsOutOfReach(failure))
        {
            return; // Whoever needs a configuration will say so.
        }
    }
}
