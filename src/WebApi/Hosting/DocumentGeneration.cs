using System.Reflection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace DataPipeline.WebApi.Hosting;

/// <summary>Every build starts the service to write down the document that describes it.</summary>
internal static class DocumentGeneration
{
    private const string Tool = "GetDocument.Insider";

    /// <summary>Keeps a service that the build has started from everything else: it works on nothing, opens no database and needs no settings.</summary>
    internal static void DoNothingElse(IServiceCollection services)
    {
        if (Assembly.GetEntryAssembly()?.GetName().Name != Tool) return;
        services.RemoveAll<IHostedService>();
        services.RemoveAll<IStartupValidator>();
    }
}
