using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using Microsoft.Extensions.Options;

namespace DataPipeline.Infrastructure.Settings;

/// <summary>Holds options to the bounds that their attributes state, and says which setting breaks them.</summary>
internal sealed class SettingsBounds<TOptions>(string section) : IValidateOptions<TOptions>
    where TOptions : class
{
    public ValidateOptionsResult Validate(string? name, TOptions options)
    {
        var faults = (from property in typeof(TOptions).GetProperties()
                      let value = property.GetValue(options)
                      from bound in property.GetCustomAttributes<ValidationAttribute>()
                      where !bound.IsValid(value)
                      select SettingsFaults.OutOfBounds($"{section}:{property.Name}", bound, value)).ToList();
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }
}

/// <summary>What is said of settings, a sentence each.</summary>
internal static class SettingsFaults
{
    internal static string OutOfBounds(string key, ValidationAttribute bound, object? value) => bound switch
    {
        RangeAttribute range => string.Create(CultureInfo.InvariantCulture, $"{key} must be between {range.Minimum} and {range.Maximum}, but is {value}."),
        RequiredAttribute => $"{key} must not be empty.",
        _ => bound.FormatErrorMessage(key),
    };

    internal static string Unreadable(string key, Type wanted, string? value) =>
        wanted.IsGenericType ? $"{key} must be a list: {key}:0, {key}:1 and so on." : $"{key} must be {Describe(wanted)}, but is \"{value}\"."; // Lists hold keys, which are not shown.

    private static string Describe(Type wanted) => wanted switch
    {
        _ when wanted == typeof(bool) => "true or false",
        _ when wanted == typeof(int) || wanted == typeof(long) => "a whole number",
        _ when wanted == typeof(double) => "a number",
        { IsEnum: true } => $"one of {string.Join(", ", Enum.GetNames(wanted))}",
        _ => "a list",
    };
}
