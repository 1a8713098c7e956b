using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace DataPipeline.Application.Tests.Destinations;

/// <summary>What the other side of a webhook may be: a real server on this machine that behaves as it is told.</summary>
internal sealed class Receiver : IAsyncDisposable
{
    private readonly WebApplication _app;

    private Receiver(WebApplication app) => _app = app;

    internal ConcurrentQueue<Received> Requests { get; } = new();

    internal Uri Url { get; private set; } = null!;

    /// <param name="answer">What to do with a request, and with its number, from 1.</param>
    internal static async Task<Receiver> StartAsync(Func<HttpContext, int, Task> answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var receiver = new Receiver(builder.Build());
        receiver._app.Run(async context =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body, context.RequestAborted);
            receiver.Requests.Enqueue(new Received(
                context.Request.Path, context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase), body.ToArray()));
            await answer(context, receiver.Requests.Count);
        });
        await receiver._app.StartAsync();
        receiver.Url = new Uri(receiver._app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
        return receiver;
    }

    /// <summary>Answers with these, one after the other, and with the last from then on.</summary>
    internal static Task<Receiver> AnsweringAsync(params int[] statuses) => StartAsync((context, number) =>
    {
        context.Response.StatusCode = statuses[Math.Min(number, statuses.Length) - 1];
        return Task.CompletedTask;
    });

    public async ValueTask DisposeAsync()
    {
        using var impatient = new CancellationTokenSource(TimeSpan.Zero);
        await _app.StopAsync(impatient.Token);
        await _app.DisposeAsync();
    }
}

internal sealed record Received(string Path, IReadOnlyDictionary<string, string> Headers, byte[] Body);
