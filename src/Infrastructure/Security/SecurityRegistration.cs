using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace DataPipeline.Infrastructure.Security;

internal static class SecurityRegistration
{
    internal static IServiceCollection AddSecurity(this IServiceCollection services, IConfiguration configuration) => services;
}
