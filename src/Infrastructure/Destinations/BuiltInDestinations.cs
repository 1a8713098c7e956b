using System.Reflection;
using DataPipeline.Application.Processing;
using DataPipeline.Domain.Processing;
using Microsoft.Extensions.Options;

namespace DataPipeline.Infrastructure.Destinations;

/// <summary>The destination types that come with the service, but for <c>store</c>, which is none of the catalogue's. Unlike plugins they are given settings and what they share.</summary>
internal sealed class BuiltInDestinations(IOptions<FilesOptions> files, WebhookSender webhooks) : IDestinationCatalog
{
    public IReadOnlyDictionary<string, ComponentDescriptor> Types { get; } = new[]
    {
        Describe<FileDestination, FileDestinationOptions>(options => new FileDestination(options, files.Value)),
        Describe<WebhookDestination, WebhookOptions>(options => new WebhookDestination(options, webhooks)),
    }.ToDictionary(descriptor => descriptor.Type, StringComparer.Ordinal);

    private static ComponentDescriptor Describe<TDestination, TOptions>(Func<TOptions, TDestination> create)
        where TDestination : IDestination
    {
        var attribute = typeof(TDestination).GetCustomAttribute<DestinationAttribute>()!;
        return new ComponentDescriptor(attribute.Type, attribute.Version, attribute.Description, typeof(TOptions), options => create((TOptions)options), IsAtomic: false)
        {
            Example = ComponentExample.Of(typeof(TDestination).GetCustomAttribute<ExampleAttribute>()),
        };
    }
}
