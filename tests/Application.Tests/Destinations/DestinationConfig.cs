using System.Text.Json;
using DataPipeline.Application.Processing;
using DataPipeline.Domain.Common;
using DataPipeline.Infrastructure.Destinations;
using DataPipeline.Infrastructure.Processors;
using Microsoft.Extensions.Options;

namespace DataPipeline.Application.Tests.Destinations;

/// <summary>Configurations with a destination, as they are checked at creation.</summary>
internal static class DestinationConfig
{
    internal static readonly IDestinationCatalog Destinations = new BuiltInDestinations(Options.Create(new FilesOptions()), new WebhookSender(Options.Create(new WebhooksOptions()), TimeProvider.System));

    private static readonly PipelineCompiler Compiler = new(new BuiltInProcessors(), Destinations);

    internal static JsonElement Of(string type, string options) =>
        JsonElement.Parse($$"""{"source":{"type":"api"},"processors":[],"destination":{"type":"{{type}}","options":{{options}} } }""");

    internal static IReadOnlyList<ErrorDetail> FaultsOf(string type, string options) => Compiler.Compile(Of(type, options)).Error?.Details ?? [];
}
