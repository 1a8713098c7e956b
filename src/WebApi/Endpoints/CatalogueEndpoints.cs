using DataPipeline.Application.Processing;
using DataPipeline.WebApi.OpenApi;
using MediatR;

namespace DataPipeline.WebApi.Endpoints;

internal static class CatalogueEndpoints
{
    internal static void MapCatalogue(this IEndpointRouteBuilder catalogue)
    {
        catalogue.MapGet("/processors", Processors)
            .Describe("listProcessors", "List the types of processors", "Each with the JSON Schema of its options and an example; also what plugins bring, and what of them cannot be used.")
            .Answers<CatalogueResponse>(StatusCodes.Status200OK, "All types.").Refuses();
        catalogue.MapGet("/destinations", Destinations)
            .Describe("listDestinations", "List the types of destinations", "Each with the JSON Schema of its options and an example; also what plugins bring, and what of them cannot be used.")
            .Answers<CatalogueResponse>(StatusCodes.Status200OK, "All types.").Refuses();
        catalogue.MapGet("/sources", Sources)
            .Describe("listSources", "List the types of sources", "Each with the JSON Schema of its options and an example.")
            .Answers<CatalogueResponse>(StatusCodes.Status200OK, "All types.").Refuses();
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

/// <summary>The types there are.</summary>
/// <param name="Items">By type; what is broken comes last.</param>
internal sealed record CatalogueResponse(IReadOnlyList<CatalogueItem> Items);
