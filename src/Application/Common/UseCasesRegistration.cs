using Microsoft.Extensions.DependencyInjection;

namespace DataPipeline.Application.Common;

internal static class UseCasesRegistration
{
    internal static IServiceCollection AddUseCases(this IServiceCollection services) => services;
}
