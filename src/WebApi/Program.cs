using DataPipeline.WebApi.Cli;
using DataPipeline.WebApi.Hosting;

// Tools that start the service to look at it pass settings as arguments; a command is a bare word.
if (args is [{ Length: > 0 } first, ..] && (first[0] != '-' || first is "--help" or "-h" or "-?" or "--version")) return await CommandLine.RunAsync(args);

try
{
    var app = WebApplication.CreateBuilder(ContentRoot.OptionsFor(args)).AddDataPipeline().Build().UseDataPipeline();
    await app.RunAsync();
    return 0;
}
catch (Exception failure) when (StartupFailure.Describe(failure) is { } line)
{
    await Console.Error.WriteLineAsync(line);
    return 1;
}

/// <summary>The entry point, for tests that start the service in their own process.</summary>
public partial class Program;
