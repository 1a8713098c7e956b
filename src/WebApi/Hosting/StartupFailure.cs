using DataPipeline.Application.Common;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;

namespace DataPipeline.WebApi.Hosting;

/// <summary>What an operator can put right without reading code.</summary>
internal static class StartupFailure
{
    /// <returns>One line; <c>null</c> where the failure is a fault of ours and wants its stack trace.</returns>
    internal static string? Describe(Exception failure) => failure switch
    {
        OptionsValidationException settings => string.Join(" ", settings.Failures),
        AggregateException several when several.InnerExceptions.All(inner => inner is OptionsValidationException) => string.Join(" ", several.InnerExceptions.Select(Describe)),
        DatabaseUnavailableException => OneLine(failure),
        IOException when failure.InnerException is AddressInUseException => OneLine(failure),
        _ => null,
    };

    private static string OneLine(Exception failure) => failure.Message.ReplaceLineEndings(" ");
}
