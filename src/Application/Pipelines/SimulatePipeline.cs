using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using DataPipeline.Application.Batches;
using DataPipeline.Application.Common;
using DataPipeline.Application.Processing;
using DataPipeline.Domain.Batches;
using DataPipeline.Domain.Common;
using DataPipeline.Domain.Pipelines;
using DataPipeline.Domain.Processing;
using FluentValidation;

namespace DataPipeline.Application.Pipelines;

/// <summary>Asks what a configuration that is stored nowhere would do to each record. Delivers and stores nothing.</summary>
/// <param name="Config">The configuration, checked as at creation; an undefined element where the request has none.</param>
/// <param name="Records">1 to <see cref="Simulation.MaxRecords"/> JSON values; <c>null</c> where the request has none. One that is no JSON object is that record's failure.</param>
/// <param name="FailuresOf">Instead of records, the batch of this owner whose first <see cref="Simulation.MaxRecords"/> failed records to take, by index; <c>null</c> where the request names none.</param>
/// <param name="Verbose">Whether every step is told.</param>
public sealed record SimulateConfig(OwnerId Owner, JsonElement Config, IReadOnlyList<JsonElement>? Records, string? FailuresOf, bool Verbose) : IQuery<Result<SimulationResult>>;

/// <summary>Asks what a stored pipeline, at its present version and in any status, would do to each record. Delivers and stores nothing.</summary>
/// <param name="Records">As in <see cref="SimulateConfig"/>.</param>
/// <param name="Verbose">Whether every step is told.</param>
public sealed record SimulatePipeline(OwnerId Owner, Guid PipelineId, IReadOnlyList<JsonElement>? Records, bool Verbose) : IQuery<Result<SimulationResult>>;

public static class Simulation
{
    public const int MaxRecords = 100;

    /// <summary>How many simulations of an owner run at a time; further ones wait their turn.</summary>
    internal const int MaxAtOnce = 4;

    /// <summary>How many bytes of records an answer may hold: it is made in memory.</summary>
    internal const long MaxAnswerBytes = 32 << 20;

    /// <summary>How long a simulation may take, its wait for its turn included.</summary>
    internal static readonly TimeSpan MaxTime = TimeSpan.FromSeconds(30);

    public static Error TookTooLong() => TooLarge($"The simulation takes more than {MaxTime.TotalSeconds:0} s; try fewer records.");

    internal static Error AnswersTooMuch(bool verbose) => TooLarge($"The answer would have more than {MaxAnswerBytes >> 20} MiB; try fewer records{(verbose ? ", or without verbose" : "")}.");

    private static Error TooLarge(string reason) => new(ErrorKind.TooLarge, "SIMULATION_TOO_LARGE", reason);
}

/// <summary>What would become of records.</summary>
/// <param name="Results">In the order of the records.</param>
public sealed record SimulationResult(IReadOnlyList<SimulatedRecord> Results);

/// <summary>What would become of a record.</summary>
public enum SimulatedOutcome
{
    Delivered,
    Dropped,
    Failed,
}

/// <summary>What would become of a record.</summary>
/// <param name="RecordIndex">The record's place in the request or, of a batch's failed records, in the batch.</param>
/// <param name="Outcome">What would become of it.</param>
/// <param name="Record">The record as it would be delivered; <c>null</c> where it would not be.</param>
/// <param name="Error">Why it failed; <c>null</c> where it did not.</param>
/// <param name="Steps">The processors it met, in order; left out unless asked for.</param>
public sealed record SimulatedRecord(
    int RecordIndex, SimulatedOutcome Outcome, RawJson? Record, SimulatedError? Error, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<SimulatedStep>? Steps);

/// <summary>Why a record would fail.</summary>
/// <param name="Processor">The processor at which the record failed; <c>null</c> where it failed before the first.</param>
/// <param name="Code">Stable, upper-case code.</param>
/// <param name="Message">One sentence for a person.</param>
public sealed record SimulatedError(ProcessorRef? Processor, string Code, string Message)
{
    /// <summary>What is wrong, one by one; left out where the message says it all.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<FailureDetail>? Details { get; init; }
}

/// <summary>What a processor did with a record.</summary>
/// <param name="Processor">The processor.</param>
/// <param name="Outcome">How that went.</param>
/// <param name="Record">The record after the step.</param>
/// <param name="Error">What failed, where the outcome is <c>failed</c> or <c>ignored</c>; else <c>null</c>.</param>
public sealed record SimulatedStep(ProcessorRef Processor, StepOutcome Outcome, RawJson Record, SimulatedError? Error);

internal sealed class SimulateConfigValidator : AbstractValidator<SimulateConfig>
{
    public SimulateConfigValidator()
    {
        When(query => query.FailuresOf is null, () => RuleFor(query => query.Records).MustBeSimulatable());
        RuleFor(query => query.FailuresOf).Null().When(query => query.Records is not null)
            .OverridePropertyName("failuresOf").WithErrorCode("INVALID_VALUE").WithMessage("records and failuresOf exclude each other.");
    }
}

internal sealed class SimulatePipelineValidator : AbstractValidator<SimulatePipeline>
{
    public SimulatePipelineValidator() => RuleFor(query => query.Records).MustBeSimulatable();
}

internal sealed class SimulateConfigHandler(IReadDb db, IBatchStore store, Simulator simulator) : IQueryHandler<SimulateConfig, Result<SimulationResult>>
{
    private const long BytesAtATime = 8 << 20;

    public async Task<Result<SimulationResult>> Handle(SimulateConfig request, CancellationToken cancellationToken)
    {
        if (request.FailuresOf is not { } batchId)
            return await simulator.RunAsync(new SimulationTask(request.Owner, request.Config, SimulationScene.OfConfig, SimulationInput.Of(request.Records!), request.Verbose), cancellationToken);
        if (!Guid.TryParseExact(batchId, "D", out var id) || await FindAsync(request.Owner, id, cancellationToken) is not { } found) return BatchErrors.NotFound(batchId);
        var first = await store.ReadFailuresAsync(id, -1, new SliceSize(Simulation.MaxRecords, BytesAtATime), cancellationToken);
        if (first.Items.Count == 0 && found.FailedCount > 0) return BatchErrors.FailuresRemoved(id);
        return await simulator.RunAsync(new SimulationTask(request.Owner, request.Config, found.Scene, ReadFailuresAsync(id, first, cancellationToken), request.Verbose), cancellationToken);
    }

    private async IAsyncEnumerable<SimulationInput> ReadFailuresAsync(Guid batchId, Slice<StoredFailure> slice, [EnumeratorCancellation] CancellationToken ct)
    {
        for (var left = Simulation.MaxRecords; ;)
        {
            foreach (var (failure, _) in slice.Items) yield return SimulationInput.Of(failure);
            left -= slice.Items.Count;
            if (!slice.HasMore || left == 0) yield break;
            slice = await store.ReadFailuresAsync(batchId, slice.Items[^1].Failure.RecordIndex, new SliceSize(left, BytesAtATime), ct);
        }
    }

    private async Task<FailedBatch?> FindAsync(OwnerId owner, Guid batchId, CancellationToken ct) => await db.FirstOrDefaultAsync(
        from batch in db.Batches
        where batch.Id == batchId && batch.OwnerId == owner
        join pipeline in db.Pipelines on batch.PipelineId equals pipeline.Id
        select new FailedBatch(new SimulationScene(pipeline.Id, pipeline.Name, batch.Id), batch.FailedCount),
        ct);

    private sealed record FailedBatch(SimulationScene Scene, int FailedCount);
}

internal sealed class SimulatePipelineHandler(IPipelineRepository pipelines, Simulator simulator) : IQueryHandler<SimulatePipeline, Result<SimulationResult>>
{
    public async Task<Result<SimulationResult>> Handle(SimulatePipeline request, CancellationToken cancellationToken)
    {
        if (await pipelines.FindAsync(request.Owner, request.PipelineId, cancellationToken) is not { } pipeline) return PipelineErrors.NotFound(request.PipelineId);
        var scene = new SimulationScene(pipeline.Id, pipeline.Name, null);
        return await simulator.RunAsync(new SimulationTask(request.Owner, pipeline.Config.ToElement(), scene, SimulationInput.Of(request.Records!), request.Verbose), cancellationToken);
    }
}

file static class RecordRules
{
    internal static void MustBeSimulatable<T>(this IRuleBuilderInitial<T, IReadOnlyList<JsonElement>?> records) => records
        .Cascade(CascadeMode.Stop)
        .NotEmpty().OverridePropertyName("records").WithErrorCode("REQUIRED").WithMessage("records needs at least one record.")
        .Must(list => list!.Count <= Simulation.MaxRecords).WithErrorCode("TOO_MANY").WithMessage($"records may have at most {Simulation.MaxRecords} entries.");
}
