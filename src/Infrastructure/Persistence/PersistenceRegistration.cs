using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace DataPipeline.Infrastructure.Persistence;

internal static class PersistenceRegistration
{
    internal static IServiceCollection AddPersistence(this IServiceCollection services, IConfiguration configuration) => services;
}
