using DataPipeline.Application.Batches;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace DataPipeline.Infrastructure.Intake;

internal static class IntakeRegistration
{
    internal static IServiceCollection AddIntake(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<BatchOptions>().Bind(configuration.GetSection(BatchOptions.Section)).ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<ChunkOptions>().Bind(configuration.GetSection(ChunkOptions.Section)).ValidateDataAnnotations().ValidateOnStart();
        return services.AddSingleton<IChunkSpoolFactory, ChunkSpoolFactory>();
    }
}
