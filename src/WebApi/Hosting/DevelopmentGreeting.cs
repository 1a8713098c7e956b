using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace DataPipeline.WebApi.Hosting;

/// <summary>Tells a developer, once the service listens, where it is and how to use it. In Development alone: it shows a key.</summary>
internal sealed class DevelopmentGreeting(IHostEnvironment environment, IConfiguration configuration, IServer server) : IHostedLifecycleService
{
    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StartedAsync(CancellationToken cancellationToken)
    {
        if (!environment.IsDevelopment() || server.Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault() is not { } address) return;
        var key = configuration["ApiKeys:Bootstrap:0:Key"];
        await Console.Out.WriteLineAsync($"""

            DataPipeline listens on {address}
              API key   {key ?? "none in the configuration; make one with: keys create --owner me --name first"}
              try       curl -H "X-API-Key: {key ?? "<key>"}" {address}/api/v1/pipelines
              docs      {address}/docs

            """);
    }

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
