using DataPipeline.Infrastructure.Persistence.Model;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace DataPipeline.Infrastructure.Persistence.Configurations;

internal sealed class RetentionConfiguration : IEntityTypeConfiguration<RetentionRow>
{
    public void Configure(EntityTypeBuilder<RetentionRow> builder)
    {
        builder.ToTable("retention");
        builder.Property(r => r.Id).ValueGeneratedNever();
    }
}
