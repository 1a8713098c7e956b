using DataPipeline.WebApi.Errors;
using DataPipeline.WebApi.Http;
using Microsoft.OpenApi;

namespace DataPipeline.WebApi.OpenApi;

/// <summary>What an endpoint's code does not show the document: names, parameters that are read by hand, answers.</summary>
internal static class EndpointDescriptions
{
    internal static RouteHandlerBuilder Describe(this RouteHandlerBuilder endpoint, string id, string summary) => endpoint.WithName(id).WithSummary(summary);

    internal static RouteHandlerBuilder Answers<T>(this RouteHandlerBuilder endpoint, int status = StatusCodes.Status200OK) => endpoint.Produces<T>(status, Acceptance.Json);

    /// <summary>The refusals of this endpoint; every endpoint has those of authentication, limits and faults.</summary>
    internal static RouteHandlerBuilder Refuses(this RouteHandlerBuilder endpoint, params int[] statuses)
    {
        foreach (var status in statuses.Concat([401, 406, 429, 500, 503]).Distinct().Order()) endpoint.Produces<ErrorBody>(status, Acceptance.Json);
        return endpoint;
    }

    internal static RouteHandlerBuilder TakesQuery(this RouteHandlerBuilder endpoint, string name, string description) => endpoint.Takes(name, ParameterLocation.Query, description, JsonSchemaType.String);

    internal static RouteHandlerBuilder TakesHeader(this RouteHandlerBuilder endpoint, string name, string description) => endpoint.Takes(name, ParameterLocation.Header, description, JsonSchemaType.String);

    internal static RouteHandlerBuilder TakesPage(this RouteHandlerBuilder endpoint) => endpoint
        .Takes("limit", ParameterLocation.Query, "How many, 1 to 200; 50 unless told.", JsonSchemaType.Integer)
        .TakesQuery("cursor", "The nextCursor of the page before.");

    internal static RouteHandlerBuilder TakesWait(this RouteHandlerBuilder endpoint) => endpoint.TakesHeader("Prefer", "wait=N: answer when the batch has ended, at the latest after N seconds, 0 to 60.");

    private static RouteHandlerBuilder Takes(this RouteHandlerBuilder endpoint, string name, ParameterLocation place, string description, JsonSchemaType type) =>
        endpoint.AddOpenApiOperationTransformer((operation, _, _) =>
        {
            operation.Parameters ??= [];
            operation.Parameters.Add(new OpenApiParameter { Name = name, In = place, Description = description, Schema = new OpenApiSchema { Type = type } });
            return Task.CompletedTask;
        });
}
