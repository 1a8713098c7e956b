using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;

namespace DataPipeline.Infrastructure.Persistence.Encryption;

/// <summary>A model encrypts, so services of one process that have different keys must not share one.</summary>
internal sealed class EncryptionModels : IModelCacheKeyFactory
{
    public object Create(DbContext context, bool designTime) => (context.GetType(), ((AppDbContext)context).Encryption.Keys, designTime);
}
