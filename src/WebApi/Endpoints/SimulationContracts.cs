using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text.Json;
using DataPipeline.Application.Common;
using DataPipeline.Application.Pipelines;
using DataPipeline.Application.Processing;
using DataPipeline.Domain.Common;
using DataPipeline.WebApi.Http;
using DataPipeline.WebApi.OpenApi;

namespace DataPipeline.WebApi.Endpoints;

// The requests are what the document shows; the bodies read them, and find all that is wrong with one at once.

/// <summary>A configuration to try, and records to try it on: either records or a batch must be named.</summary>
/// <param name="Records">Up to 100 records.</param>
/// <param name="FailuresOf">Instead of records, the id of a batch: its first 100 failed records.</param>
/// <param name="Verbose">Whether every step is told.</param>
[Closed]
internal sealed record ConfigSimulationRequest(
    [property: Shape(ConfigurationSchema.Root)] JsonElement Config,
    [property: MinLength(1), MaxLength(Simulation.MaxRecords)] IReadOnlyList<RawJson>? Records = null,
    Guid? FailuresOf = null,
    bool Verbose = false);

/// <summary>Records to try a pipeline on.</summary>
/// <param name="Records">Up to 100 records.</param>
/// <param name="Verbose">Whether every step is told.</param>
[Closed]
internal sealed record SimulationRequest([property: MinLength(1), MaxLength(Simulation.MaxRecords)] IReadOnlyList<RawJson> Records, bool Verbose = false);

internal abstract record SimulationBody(JsonElement Config, IReadOnlyList<JsonElement>? Records, bool Verbose, Error? Fault) : IBound
{
    // A record may be as deep as one that is submitted, and lies in the body's list.
    private const int MaxDepth = 128;

    // What is wrong with one record is that record's failure, not the request's.
    private const string RecordsMember = "records";

    private protected static async Task<(JsonElement Config, string? FailuresOf, IReadOnlyList<JsonElement>? Records, bool Verbose, Error? Fault)> ReadAsync(HttpContext http, bool withConfig)
    {
        var json = await JsonRequest.ReadAsync(http, MaxDepth, RecordsMember);
        if (!json.IsSuccess) return (default, null, null, false, json.Error);
        var body = new BodyMembers(json.Value);
        var (config, failuresOf) = withConfig ? (body.Any("config"), body.OptionalText("failuresOf")) : default;
        var (records, verbose) = (body.OptionalList(RecordsMember), body.OptionalFlag("verbose"));
        var faults = body.Faults();
        return (config, failuresOf, records, verbose, faults.Count == 0 ? null : Error.Validation("The request is not valid.", faults));
    }
}

internal sealed record ConfigSimulationBody(JsonElement Config, string? FailuresOf, IReadOnlyList<JsonElement>? Records, bool Verbose, Error? Fault)
    : SimulationBody(Config, Records, Verbose, Fault), IBindableFromHttpContext<ConfigSimulationBody>
{
    public static async ValueTask<ConfigSimulationBody?> BindAsync(HttpContext context, ParameterInfo parameter)
    {
        var (config, failuresOf, records, verbose, fault) = await ReadAsync(context, withConfig: true);
        return new ConfigSimulationBody(config, failuresOf, records, verbose, fault);
    }
}

internal sealed record PipelineSimulationBody(IReadOnlyList<JsonElement>? Records, bool Verbose, Error? Fault)
    : SimulationBody(default, Records, Verbose, Fault), IBindableFromHttpContext<PipelineSimulationBody>
{
    public static async ValueTask<PipelineSimulationBody?> BindAsync(HttpContext context, ParameterInfo parameter)
    {
        var (_, _, records, verbose, fault) = await ReadAsync(context, withConfig: false);
        return new PipelineSimulationBody(records, verbose, fault);
    }
}
