using System.Text.Json;
using DataPipeline.Application.Common;
using DataPipeline.Application.Processing;
using DataPipeline.WebApi.Errors;
using DataPipeline.WebApi.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.OpenApi;

namespace DataPipeline.WebApi.OpenApi;

/// <summary>What an endpoint's code does not show the document: names, parameters that are read by hand, answers.</summary>
internal static class EndpointDescriptions
{
    private static readonly Dictionary<string, string> Ids = new(StringComparer.Ordinal)
    {
        ["pipelineId"] = "The pipeline's id. One that is no UUID is one that is not found.",
        ["batchId"] = "The batch's id. One that is no UUID is one that is not found.",
    };

    internal static RouteHandlerBuilder Describe(this RouteHandlerBuilder endpoint, string id, string summary, string description) =>
        endpoint.WithName(id).WithSummary(summary).WithDescription(description).Transform((operation, _) =>
        {
            foreach (var parameter in operation.Parameters?.Where(parameter => parameter.In == ParameterLocation.Path) ?? []) parameter.Description = Ids[parameter.Name!];
        });

    /// <param name="means">What the answer says.</param>
    /// <param name="headers">Those of <see cref="ResponseHeaders"/> that it carries beside the ones every answer has.</param>
    internal static RouteHandlerBuilder Answers<T>(this RouteHandlerBuilder endpoint, int status, string means, params string[] headers) =>
        endpoint.Produces<T>(status, Acceptance.Json).Means(status, means, headers);

    /// <inheritdoc cref="Answers{T}"/>
    internal static RouteHandlerBuilder AnswersWithoutBody(this RouteHandlerBuilder endpoint, int status, string means, params string[] headers) =>
        endpoint.Produces(status).Means(status, means, headers);

    /// <summary>The answer can also be had as a text of another type.</summary>
    internal static RouteHandlerBuilder AnswersText(this RouteHandlerBuilder endpoint, string contentType) => endpoint.Transform((operation, _) =>
        operation.Responses!["200"].Content![contentType] = new OpenApiMediaType { Schema = Text(), Example = Examples.Find(operation.OperationId!, "200", contentType) });

    /// <summary>The answer is a stream of server-sent events, of which the document can say no more than that they are text.</summary>
    internal static RouteHandlerBuilder AnswersEvents(this RouteHandlerBuilder endpoint, string means) =>
        endpoint.Produces<string>(StatusCodes.Status200OK, Acceptance.EventStream).Means(StatusCodes.Status200OK, means, []);

    /// <summary>The refusals of this endpoint, beside those of every endpoint, of which it may have its own words.</summary>
    internal static RouteHandlerBuilder Refuses(this RouteHandlerBuilder endpoint, params IReadOnlyCollection<HttpError> refusals)
    {
        var ofEvery = Refusals.OfEveryOperation.Select(common => refusals.FirstOrDefault(own => own.Code == common.Code) ?? common);
        var byStatus = ofEvery.Concat(refusals).DistinctBy(refusal => refusal.Code).GroupBy(refusal => refusal.Status).OrderBy(group => group.Key).ToList();
        foreach (var status in byStatus) endpoint.Produces<ErrorBody>(status.Key, Acceptance.Json);
        return endpoint.Transform((operation, document) =>
        {
            foreach (var status in byStatus) operation.Responses![$"{status.Key}"] = Refusal((OpenApiResponse)operation.Responses[$"{status.Key}"], [.. status], document);
        });
    }

    /// <param name="means">What the body is.</param>
    /// <param name="textTypes">The types besides JSON that it may have. Routing refuses all others.</param>
    internal static RouteHandlerBuilder Takes<T>(this RouteHandlerBuilder endpoint, string means, params string[] textTypes)
        where T : notnull => endpoint.Accepts<T>(Acceptance.Json, textTypes).Transform((operation, _) =>
    {
        operation.RequestBody!.Description = means;
        foreach (var (type, content) in operation.RequestBody.Content!)
        {
            if (type != Acceptance.Json) content.Schema = Text();
            content.Example = Examples.Find(operation.OperationId!, "request", type);
        }
    });

    /// <summary>Instead of the object its list alone is taken too.</summary>
    internal static RouteHandlerBuilder TakesBareList(this RouteHandlerBuilder endpoint) => endpoint.Transform((operation, document) =>
    {
        var content = operation.RequestBody!.Content![Acceptance.Json];
        var list = new OpenApiSchema { Type = JsonSchemaType.Array, Items = new OpenApiSchemaReference(ConfigurationSchema.AnyObject, document), MinItems = 1 };
        content.Schema = new OpenApiSchema { OneOf = [content.Schema!, list] };
    });

    internal static RouteHandlerBuilder TakesQuery(this RouteHandlerBuilder endpoint, string name, string description, OpenApiSchema? schema = null) =>
        endpoint.TakesParameter(name, ParameterLocation.Query, description, _ => schema ?? Text());

    internal static RouteHandlerBuilder TakesQuery<TEnum>(this RouteHandlerBuilder endpoint, string name, string description)
        where TEnum : struct, Enum => endpoint.TakesParameter(name, ParameterLocation.Query, description, document => new OpenApiSchemaReference(typeof(TEnum).Name, document));

    internal static RouteHandlerBuilder TakesHeader(this RouteHandlerBuilder endpoint, string name, string description, OpenApiSchema? schema = null) =>
        endpoint.TakesParameter(name, ParameterLocation.Header, description, _ => schema ?? Text());

    internal static RouteHandlerBuilder TakesPage(this RouteHandlerBuilder endpoint) => endpoint
        .TakesQuery("limit", "How many items to answer at most.", new OpenApiSchema { Type = JsonSchemaType.Integer, Format = "int32", Minimum = "1", Maximum = $"{PageRequest.MaxLimit}", Default = PageRequest.DefaultLimit })
        .TakesQuery("cursor", "The nextCursor of the page before; the first page unless told.");

    internal static RouteHandlerBuilder TakesWait(this RouteHandlerBuilder endpoint) => endpoint
        .TakesHeader("Prefer", $"wait=N: answer when the batch has ended, at the latest after N seconds, 0 to {PreferWait.MaxSeconds}.", Text("wait=10"));

    internal static RouteHandlerBuilder TakesLastEventId(this RouteHandlerBuilder endpoint) => endpoint
        .TakesHeader("Last-Event-ID", "The id of the last event that the caller has of an earlier stream; from the present state on unless told.");

    internal static OpenApiSchema Text(string? example = null) => new() { Type = JsonSchemaType.String, Examples = example is null ? null : [example] };

    private static RouteHandlerBuilder Means(this RouteHandlerBuilder endpoint, int status, string means, string[] headers) => endpoint.Transform((operation, document) =>
    {
        var response = (OpenApiResponse)operation.Responses![$"{status}"];
        response.Description = means;
        response.Headers = ResponseHeaders.OfSuccess(headers, document);
        foreach (var (type, content) in response.Content ?? new Dictionary<string, OpenApiMediaType>()) content.Example = Examples.Find(operation.OperationId!, $"{status}", type);
    });

    /// <summary>What every operation refuses in the same way stands in the document once.</summary>
    private static IOpenApiResponse Refusal(OpenApiResponse response, IReadOnlyList<HttpError> refusals, OpenApiDocument document)
    {
        response.Description = string.Join(", ", refusals.Select(refusal => $"`{refusal.Code}`"));
        response.Headers = ResponseHeaders.Of(refusals[0], document);
        response.Content![Acceptance.Json].Examples = refusals.ToDictionary(refusal => refusal.Code, refusal => (IOpenApiExample)new OpenApiExample
        {
            Value = JsonSerializer.SerializeToNode(refusal.BodyOf("4bf92f3577b34da6a3ce929d0e0e4736"), JsonSerializerOptions.Web),
        });
        if (refusals.Except([.. Refusals.OfEveryOperation, .. Refusals.OfEveryBody]).Any()) return response;
        var name = ReasonPhrases.GetReasonPhrase(refusals[0].Status).Replace(" ", "", StringComparison.Ordinal);
        document.AddComponent<IOpenApiResponse>(name, response);
        return new OpenApiResponseReference(name, document);
    }

    private static RouteHandlerBuilder TakesParameter(this RouteHandlerBuilder endpoint, string name, ParameterLocation place, string description, Func<OpenApiDocument, IOpenApiSchema> schema) =>
        endpoint.Transform((operation, document) => (operation.Parameters ??= []).Add(new OpenApiParameter { Name = name, In = place, Description = description, Schema = schema(document) }));

    private static RouteHandlerBuilder Transform(this RouteHandlerBuilder endpoint, Action<OpenApiOperation, OpenApiDocument> change) => endpoint.AddOpenApiOperationTransformer((operation, context, _) =>
    {
        change(operation, context.Document!);
        return Task.CompletedTask;
    });
}
