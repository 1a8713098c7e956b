using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace DataPipeline.Infrastructure.Settings;

public static class SettingsRegistration
{
    /// <summary>Reads options from a section of the configuration. What is wrong with them ends the start: a value out of its bounds or of the wrong type, and a name that no options of the section have.</summary>
    public static IServiceCollection AddSettings<TOptions>(this IServiceCollection services, IConfiguration configuration, string section)
        where TOptions : class
    {
        services.AddOptions<TOptions>().Bind(configuration.GetSection(section));
        services.AddSingleton<IValidateOptions<TOptions>>(new SettingsBounds<TOptions>(section));
        services.AddSingleton(new SettingsSection(section, typeof(TOptions), configuration, provider => provider.GetRequiredService<IOptions<TOptions>>().Value));
        services.AddOptions<AllSettings>().ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<AllSettings>, SettingsValidator>());
        return services;
    }

    /// <summary>A switch that decides what is registered, before there are options to read. What is neither true nor false is taken for true here and ends the start later.</summary>
    public static bool IsOn(this IConfiguration configuration, string setting) => !bool.TryParse(configuration[setting], out var isOn) || isOn;
}
