using Microsoft.Extensions.DependencyInjection;

namespace DataPipeline.Application.Batches.Intake;

internal static class SubmissionRegistration
{
    internal static IServiceCollection AddSubmission(this IServiceCollection services) => services.AddSingleton<BodyReader>().AddSingleton<WaitPace>();
}
