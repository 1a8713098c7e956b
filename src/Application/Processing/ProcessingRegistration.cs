using DataPipeline.Application.Pipelines;
using Microsoft.Extensions.DependencyInjection;

namespace DataPipeline.Application.Processing;

internal static class ProcessingRegistration
{
    internal static IServiceCollection AddProcessing(this IServiceCollection services) => services
        .AddSingleton<PipelineCompiler>()
        .AddSingleton<ConfigSecrets>()
        .AddSingleton<CompiledPipelines>()
        .AddSingleton<LostCalls.Registry>()
        .AddSingleton<Supervisor>()
        .AddSingleton<IChunkRunner, ChunkRunner>()
        .AddSingleton<SimulationTurns>()
        .AddSingleton<Simulator>();
}
