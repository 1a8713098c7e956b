using DataPipeline.Application.Processing;
using DataPipeline.WebApi.OpenApi;
using MediatR;

namespace DataPipeline.WebApi.Endpoints;

internal static class CatalogueEndpoints
{
    internal static void MapCatalogue(this IEndpointRouteBuilder catalogue)
    {
        catalogue.MapGet("/processors", Processors).Describe("listProcessors", "List the types of processors there are").Answers<CatalogueResponse>().Refuses();
        catalogue.MapGet("/destinations", Destinations).Describe("listDestinations", "List the types of destinations there are").Answers<CatalogueResponse>().Refuses();
        catalogue.MapGet("/sources", Sources).Describe("listSources", "List the types of sources there are").Answers<CatalogueResponse>().Refuses();
    }

    private static Task<IResult> Processors(IMediator mediator, CancellationToken ct) => List(ComponentKind.Processor, mediator, ct);

    private static Task<IResult> Destinations(IMediator mediator, CancellationToken ct) => List(ComponentKind.Destination, mediator, ct);

    private static Task<IResult> Sources(IMediator mediator, CancellationToken ct) => List(ComponentKind.Source, mediator, ct);

    private static async Task<IResult> List(ComponentKind kind, IMediator mediator, CancellationToken ct)
    {
        var found = await mediator.Send(new ListComponents(kind), ct);
        return found.Or(items => TypedResults.Ok(new CatalogueResponse(items)));
    }
}

/// <param name="Items">By type; what is broken comes last.</param>
internal sealed record CatalogueResponse(IReadOnlyList<CatalogueItem> Items);
