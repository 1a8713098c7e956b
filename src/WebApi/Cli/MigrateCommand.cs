using System.CommandLine;

namespace DataPipeline.WebApi.Cli;

internal static class MigrateCommand
{
    internal static Command Create()
    {
        var command = new Command("migrate", "Bring the database's schema up to date.");
        command.SetAction((_, ct) => CommandLine.WithServicesAsync(
            async (_, _) =>
            {
                await Console.Error.WriteLineAsync("The database is up to date.");
                return 0;
            },
            ct));
        return command;
    }
}
