using DataPipeline.Application.Batches;
using DataPipeline.Application.Pipelines;
using DataPipeline.Infrastructure.Settings;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace DataPipeline.Infrastructure.Intake;

internal static class IntakeRegistration
{
    internal static IServiceCollection AddIntake(this IServiceCollection services, IConfiguration configuration) => services
        .AddSettings<BatchOptions>(configuration, BatchOptions.Section)
        .AddSettings<PipelineOptions>(configuration, PipelineOptions.Section)
        .AddSettings<ChunkOptions>(configuration, ChunkOptions.Section)
        .AddSingleton<IChunkSpoolFactory, ChunkSpoolFactory>();
}
