using System.CommandLine;
using DataPipeline.WebApi.Hosting;
using DataPipeline.WebApi.Observability;

namespace DataPipeline.WebApi.Cli;

/// <summary>For whoever starts the service where no other program is at hand, as in a container.</summary>
internal static class HealthCommand
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(4);

    internal static Command Create()
    {
        var ready = new Option<bool>("--ready") { Description = "Ask whether it is ready for requests and work, rather than whether it runs." };
        var command = new Command("health", "Ask the service that runs on this machine, with the settings it was started with, how it is. The exit code is 0 if it is well.") { ready };
        command.SetAction((parsed, ct) => AskAsync(parsed.GetValue(ready) ? Monitoring.ReadyPath : Monitoring.LivePath, ct));
        return command;
    }

    private static async Task<int> AskAsync(string path, CancellationToken ct)
    {
        var address = Monitoring.AddressOf(WebApplication.CreateBuilder(ContentRoot.OptionsFor([])).Configuration, path);
        try
        {
            using var handler = new HttpClientHandler { ServerCertificateCustomValidationCallback = HttpClientHandler.DangerousAcceptAnyServerCertificateValidator }; // It asks this machine, and sends nothing secret.
            using var http = new HttpClient(handler) { Timeout = Patience };
            using var answer = await http.GetAsync(address, ct);
            await (answer.IsSuccessStatusCode ? Console.Out : Console.Error).WriteLineAsync(await answer.Content.ReadAsStringAsync(ct));
            return answer.IsSuccessStatusCode ? 0 : 1;
        }
        catch (Exception failure) when (failure is HttpRequestException || (failure is OperationCanceledException && !ct.IsCancellationRequested))
        {
            await Console.Error.WriteLineAsync($"Nothing answers at {address}: {failure.Message}");
            return 1;
        }
    }
}
