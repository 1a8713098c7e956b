using System.CommandLine;
using System.Globalization;
using DataPipeline.Application.Pipelines;

namespace DataPipeline.WebApi.Cli;

internal static class SecretsCommand
{
    internal static Command Create()
    {
        var secrets = new Command("secrets", "Look after the encryption of stored configurations.");
        secrets.Subcommands.Add(CreateReencrypt());
        return secrets;
    }

    private static Command CreateReencrypt()
    {
        var json = CommandLine.Json();
        var command = new Command("reencrypt", "Encrypt with the first of Secrets:Keys every configuration that lies in clear or under another key.") { json };
        command.SetAction((parsed, ct) => CommandLine.WithServicesAsync(
            async (services, stop) =>
            {
                try
                {
                    var count = await services.GetRequiredService<IStoredConfigurations>().ReencryptAsync(stop);
                    await (parsed.GetValue(json) ? CommandLine.WriteJsonAsync(new { count }) : Console.Out.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{count} configurations were encrypted anew.")));
                    return 0;
                }
                catch (UnreadableConfigurationException unreadable)
                {
                    await Console.Error.WriteLineAsync(unreadable.Message);
                    return 1;
                }
            },
            ct));
        return command;
    }
}
