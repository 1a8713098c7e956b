using System.CommandLine;
using System.CommandLine.Invocation;
using System.Text.Json;
using DataPipeline.Application;
using DataPipeline.Application.Common;
using DataPipeline.Infrastructure;
using DataPipeline.WebApi.Hosting;
using Microsoft.Extensions.Options;

namespace DataPipeline.WebApi.Cli;

/// <summary>What the service does besides serving. Results go to standard output, everything else to standard error.</summary>
internal static class CommandLine
{
    internal static async Task<int> RunAsync(string[] args)
    {
        var root = new RootCommand("DataPipeline runs configurable pipelines over batches of JSON records. Without a command it serves the API.");
        root.Subcommands.Add(DemoCommand.Create());
        root.Subcommands.Add(HealthCommand.Create());
        root.Subcommands.Add(KeysCommand.Create());
        root.Subcommands.Add(MigrateCommand.Create());
        root.Subcommands.Add(PluginsCommand.Create());
        root.Subcommands.Add(SecretsCommand.Create());
        var parsed = root.Parse(args);
        var configuration = new InvocationConfiguration { EnableDefaultExceptionHandler = false };
        if (parsed.Action is ParseErrorAction) configuration.Output = configuration.Error; // Help that nobody asked for is no result.
        return await parsed.InvokeAsync(configuration);
    }

    /// <summary>Whether a program reads the result: then it is one JSON value, in the form that the API's answers have.</summary>
    internal static Option<bool> Json() => new("--json") { Description = "Print the result as JSON." };

    internal static Task WriteJsonAsync(object result)
    {
        var json = new JsonSerializerOptions(JsonSerializerDefaults.Web) { WriteIndented = true };
        JsonSetup.Configure(json);
        return Console.Out.WriteLineAsync(JsonSerializer.Serialize(result, json));
    }

    /// <summary>Runs <paramref name="work"/> with the service's parts, on a database that is up to date; nothing of the service is started.</summary>
    /// <returns>The exit code.</returns>
    internal static Task<int> WithServicesAsync(Func<IServiceProvider, CancellationToken, Task<int>> work, CancellationToken ct) => WithPartsAsync(
        async (services, stop) =>
        {
            await services.GetRequiredService<IDatabase>().MigrateAsync(stop);
            await using var scope = services.CreateAsyncScope();
            return await work(scope.ServiceProvider, stop);
        },
        ct);

    /// <summary>Runs <paramref name="work"/> with the service's parts and leaves the database alone; nothing of the service is started.</summary>
    /// <returns>The exit code.</returns>
    internal static async Task<int> WithPartsAsync(Func<IServiceProvider, CancellationToken, Task<int>> work, CancellationToken ct)
    {
        try
        {
            var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { Args = [ContentRoot.ReadOnce], ContentRootPath = ContentRoot.Override });
            builder.Logging.ClearProviders();
            builder.Services.AddApplication().AddInfrastructure(builder.Configuration);
            using var host = builder.Build();
            host.Services.GetRequiredService<IStartupValidator>().Validate();
            return await work(host.Services, ct);
        }
        catch (Exception failure) when (StartupFailure.Describe(failure) is { } line)
        {
            await Console.Error.WriteLineAsync(line);
            return 1;
        }
    }
}
