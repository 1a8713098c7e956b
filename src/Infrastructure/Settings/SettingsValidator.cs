using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using DataPipeline.Application.Processing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace DataPipeline.Infrastructure.Settings;

/// <summary>All settings, as something that can be valid or not when the service starts.</summary>
internal sealed class AllSettings;

/// <summary>Looks at all settings, so that everything wrong with them is said at once.</summary>
internal sealed class SettingsValidator(IEnumerable<SettingsSection> sections, IServiceProvider services) : IValidateOptions<AllSettings>
{
    /// <summary>How many letters a section's name may be off and still be taken for a mistyped one of ours: the configuration holds the whole environment, most of which is none of our business.</summary>
    private const int LikelyTypo = 2;

    private const int ShortestTypo = 4;

    public ValidateOptionsResult Validate(string? name, AllSettings options)
    {
        List<string> faults = [];
        foreach (var shared in sections.GroupBy(section => section.Name)) Check([.. shared], faults);
        if (sections.FirstOrDefault() is { } any) RefuseMistypedSections(any.Configuration, faults);
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }

    private void Check(IReadOnlyList<SettingsSection> shared, List<string> faults)
    {
        var before = faults.Count;
        CheckKeys(shared[0].Configuration.GetSection(shared[0].Name), [.. shared.SelectMany(section => section.Options.GetProperties())], faults);
        foreach (var section in shared)
        {
            try
            {
                section.Read(services);
            }
            catch (OptionsValidationException invalid)
            {
                faults.AddRange(invalid.Failures);
            }
            catch (InvalidOperationException) when (faults.Count > before)
            {
                // What cannot be read has been said above.
            }
        }
    }

    private static void CheckKeys(IConfigurationSection section, IReadOnlyList<PropertyInfo> properties, List<string> faults)
    {
        foreach (var setting in section.GetChildren())
        {
            var property = properties.FirstOrDefault(property => string.Equals(property.Name, setting.Key, StringComparison.OrdinalIgnoreCase));
            if (property is null) faults.Add(Unknown(section.Path, setting.Key, [.. properties.Select(known => known.Name)]));
            else CheckValue(setting, property, Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType, faults);
        }
    }

    private static void CheckValue(IConfigurationSection setting, PropertyInfo property, Type type, List<string> faults)
    {
        if (type.IsGenericType)
        {
            if (!string.IsNullOrEmpty(setting.Value)) faults.Add(SettingsFaults.Unreadable(setting.Path, type, setting.Value));
            foreach (var element in setting.GetChildren()) CheckValue(element, property, type.GenericTypeArguments[0], faults);
        }
        else if (type.IsPrimitive || type.IsEnum || type == typeof(string))
        {
            foreach (var child in setting.GetChildren()) faults.Add(Unknown(setting.Path, child.Key, []));
            if (setting.Value is { } value && !IsReadable(value, type)) faults.Add(BreaksBounds(setting.Path, property, value) ?? SettingsFaults.Unreadable(setting.Path, type, value));
        }
        else
        {
            CheckKeys(setting, type.GetProperties(), faults);
        }
    }

    private static bool IsReadable(string value, Type type)
    {
        try
        {
            return TypeDescriptor.GetConverter(type).ConvertFromInvariantString(value) is not null;
        }
        catch (Exception failure) when (failure is ArgumentException or FormatException or OverflowException)
        {
            return false;
        }
    }

    /// <summary>Of a number that is too large for its type more can be said than that it cannot be read.</summary>
    private static string? BreaksBounds(string path, PropertyInfo property, string value) =>
        property.GetCustomAttribute<RangeAttribute>() is { } range && decimal.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? SettingsFaults.OutOfBounds(path, range, number) : null;

    private void RefuseMistypedSections(IConfiguration configuration, List<string> faults)
    {
        var names = sections.Select(section => section.Name).Distinct().ToList();
        foreach (var other in configuration.GetChildren().Where(other => other.Key.Length >= ShortestTypo && !names.Contains(other.Key, StringComparer.OrdinalIgnoreCase) && other.GetChildren().Any()))
        {
            if (Names.Nearest(other.Key, names, LikelyTypo) is { } meant) faults.Add($"{other.GetChildren().First().Path} is not a setting: there is no section {other.Key}. Did you mean {meant}?");
        }
    }

    private static string Unknown(string path, string key, IReadOnlyCollection<string> known) =>
        Names.Nearest(key, known) is { } meant ? $"{path}:{key} is not a setting. Did you mean {path}:{meant}?" : $"{path}:{key} is not a setting.";
}
