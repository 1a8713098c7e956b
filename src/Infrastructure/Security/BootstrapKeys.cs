using DataPipeline.Application.ApiKeys;
using DataPipeline.Domain.Common;
using MediatR;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace DataPipeline.Infrastructure.Security;

/// <summary>Brings the stored keys in line with the configuration, once the schema is there and before the first request.</summary>
internal sealed class BootstrapKeys(IServiceScopeFactory scopes, IApiKeySecrets secrets, IOptions<ApiKeysOptions> options) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var keys = options.Value.Bootstrap.Select(key => new BootstrapApiKey(new OwnerId(key.Owner!), key.Name!, secrets.Read(key.Key)!)).ToList();
        var outcome = await scope.ServiceProvider.GetRequiredService<IMediator>().Send(new SyncBootstrapKeys(keys), cancellationToken);
        if (!outcome.IsSuccess) throw new InvalidOperationException(outcome.Error.Message);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
