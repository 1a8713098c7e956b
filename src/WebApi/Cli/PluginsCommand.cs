using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using DataPipeline.Application.Processing;

namespace DataPipeline.WebApi.Cli;

internal static class PluginsCommand
{
    internal static Command Create()
    {
        var plugins = new Command("plugins", "Look at the plugins.");
        plugins.Subcommands.Add(CreateList());
        return plugins;
    }

    private static Command CreateList()
    {
        var json = CommandLine.Json();
        var command = new Command("list", "Load the plugins as the service would, and say what they bring and what is wrong with them.") { json };
        command.SetAction((parsed, ct) => CommandLine.WithPartsAsync(
            async (services, _) =>
            {
                var found = services.GetRequiredService<IPlugins>().All;
                await (parsed.GetValue(json) ? WriteJsonAsync(found) : WriteAsync(found));
                return 0;
            },
            ct));
        return command;
    }

    private static async Task WriteAsync(IReadOnlyList<Plugin> plugins)
    {
        await WriteLineAsync("PLUGIN", "VERSION", "KIND", "TYPE", "STATE");
        foreach (var (identity, types, faults) in plugins)
        {
            foreach (var type in types) await WriteLineAsync(identity.Assembly, identity.Version, NameOf(type.Kind), type.Type, $"ok, version {type.Version}");
            foreach (var fault in faults) await WriteLineAsync(identity.Assembly, identity.Version, NameOf(fault.Kind), fault.Type, $"broken: {fault.Reason}");
        }
    }

    private static Task WriteLineAsync(string plugin, string? version, string? kind, string? type, string state) =>
        Console.Out.WriteLineAsync(string.Format(CultureInfo.InvariantCulture, "{0,-36}  {1,-8}  {2,-11}  {3,-20}  {4}", plugin, version ?? "-", kind ?? "-", type ?? "-", state));

    private static string? NameOf(ComponentKind? kind) => kind is { } known ? JsonNamingPolicy.CamelCase.ConvertName(known.ToString()) : null;

    private static Task WriteJsonAsync(IReadOnlyList<Plugin> plugins) =>
        CommandLine.WriteJsonAsync(new { items = plugins.Select(plugin => new { plugin.Identity.Assembly, plugin.Identity.Version, plugin.Types, plugin.Faults }) });
}
