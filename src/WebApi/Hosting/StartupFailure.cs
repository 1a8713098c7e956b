using System.Text.RegularExpressions;
using DataPipeline.Application.Common;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;

namespace DataPipeline.WebApi.Hosting;

/// <summary>What an operator can put right without reading code.</summary>
internal static partial class StartupFailure
{
    /// <returns>One line; <c>null</c> where the failure is a fault of ours and wants its stack trace.</returns>
    internal static string? Describe(Exception failure) => failure switch
    {
        OptionsValidationException options => string.Join(" ", options.Failures.Select(fault => Inner().Match(fault) is { Success: true } inner ? inner.Groups[1].Value : fault)),
        DatabaseUnavailableException => OneLine(failure),
        InvalidOperationException when failure.Message.StartsWith("Failed to convert configuration value", StringComparison.Ordinal) => OneLine(failure),
        ArgumentException when failure.StackTrace?.Contains("ConnectionStringBuilder", StringComparison.Ordinal) == true => $"A value of ConnectionStrings cannot be read: {OneLine(failure)}",
        IOException when failure.InnerException is AddressInUseException => OneLine(failure),
        _ => null,
    };

    private static string OneLine(Exception failure) => failure.Message.ReplaceLineEndings(" ");

    [GeneratedRegex("^DataAnnotation validation failed for .* with the error: '(.*)'\\.$")]
    private static partial Regex Inner();
}
