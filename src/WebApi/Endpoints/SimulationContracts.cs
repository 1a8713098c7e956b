using System.Reflection;
using System.Text.Json;
using DataPipeline.Domain.Common;
using DataPipeline.WebApi.Http;

namespace DataPipeline.WebApi.Endpoints;

/// <summary>What the document shows of a simulation of a configuration; it is read by <see cref="SimulationBody"/>.</summary>
/// <param name="Records">Up to 100 records; required unless a batch is named.</param>
/// <param name="FailuresOf">Instead of records, the id of a batch: its first 100 failed records.</param>
/// <param name="Verbose">Whether every step is told.</param>
internal sealed record ConfigSimulationRequest(JsonElement Config, IReadOnlyList<JsonElement>? Records = null, Guid? FailuresOf = null, bool Verbose = false);

/// <summary>The same of a stored pipeline.</summary>
internal sealed record SimulationRequest(IReadOnlyList<JsonElement> Records, bool Verbose = false);

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
