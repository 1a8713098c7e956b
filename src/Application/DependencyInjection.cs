using DataPipeline.Application.Batches.Intake;
using DataPipeline.Application.Common;
using DataPipeline.Application.Processing;
using Microsoft.Extensions.DependencyInjection;

namespace DataPipeline.Application;

public static class DependencyInjection
{
    /// <summary>Registers the use cases and the processing engine; their ports are for the infrastructure to register.</summary>
    public static IServiceCollection AddApplication(this IServiceCollection services) => services.AddUseCases().AddSubmission().AddProcessing();
}
