using DataPipeline.Application.ApiKeys;
using DataPipeline.Infrastructure.Settings;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace DataPipeline.Infrastructure.Security;

internal static class SecurityRegistration
{
    internal static IServiceCollection AddSecurity(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSettings<ApiKeysOptions>(configuration, ApiKeysOptions.Section)
            .AddSingleton<IValidateOptions<ApiKeysOptions>, ApiKeysOptionsValidator>()
            .AddSingleton<IApiKeySecrets, ApiKeySecrets>()
            .AddSingleton<ApiKeyDirectory>()
            .AddSingleton<IApiKeyDirectory>(provider => provider.GetRequiredService<ApiKeyDirectory>());

        // Keys are what callers of the API carry; a process without it neither makes nor removes any.
        if (!configuration.IsOn("Api:Enabled")) return services;
        return services.AddHostedService<BootstrapKeys>().AddHostedService<ApiKeyUseWriter>();
    }
}
