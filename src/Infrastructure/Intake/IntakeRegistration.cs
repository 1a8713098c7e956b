using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace DataPipeline.Infrastructure.Intake;

internal static class IntakeRegistration
{
    internal static IServiceCollection AddIntake(this IServiceCollection services, IConfiguration configuration) => services;
}
