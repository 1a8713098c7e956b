using System.CommandLine;

namespace DataPipeline.WebApi.Cli;

internal static class MigrateCommand
{
    internal static Command Create()
    {
        var json = CommandLine.Json();
        var command = new Command("migrate", "Bring the database's schema up to date.") { json };
        command.SetAction((parsed, ct) => CommandLine.WithServicesAsync(
            async (_, _) =>
            {
                await (parsed.GetValue(json) ? CommandLine.WriteJsonAsync(new { upToDate = true }) : Console.Out.WriteLineAsync("The database is up to date."));
                return 0;
            },
            ct));
        return command;
    }
}
