using Microsoft.Extensions.Configuration;

namespace DataPipeline.Infrastructure.Settings;

/// <summary>Options and the section of the configuration that they are read from; several may share a section.</summary>
/// <param name="Read">The options as the service uses them, or an <see cref="Microsoft.Extensions.Options.OptionsValidationException"/>.</param>
internal sealed record SettingsSection(string Name, Type Options, IConfiguration Configuration, Func<IServiceProvider, object> Read);
