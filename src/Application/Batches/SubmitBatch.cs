using DataPipeline.Application.Batches.Intake;
using DataPipeline.Application.Common;
using DataPipeline.Application.RateLimiting;
using DataPipeline.Domain.Batches;
using DataPipeline.Domain.Common;
using DataPipeline.Domain.Pipelines;
using FluentValidation;
using Microsoft.Extensions.Options;

namespace DataPipeline.Application.Batches;

/// <summary>Takes a body of records as a batch of an active pipeline.</summary>
/// <param name="Body">The body as it came, still encoded; read forward once, and left unread where the request is refused before.</param>
/// <param name="ContentType">The header's value: JSON, NDJSON or CSV, with parameters; <c>null</c> where it was absent.</param>
/// <param name="ContentEncoding">The header's value, several headers joined by commas; <c>null</c> where it was absent.</param>
/// <param name="IdempotencyKey">The header's value; <c>null</c> where it was absent.</param>
/// <param name="Allowance">What is left of the caller's limit of records; <c>null</c> where it has none.</param>
public sealed record SubmitBatch(OwnerId Owner, Guid PipelineId, Stream Body, string? ContentType, string? ContentEncoding, string? IdempotencyKey, RecordAllowance? Allowance) : ICommand<Result<Submission>>
{
    public const int IdempotencyKeyMaxLength = 255;
}

/// <param name="Batch">The batch as it was accepted: pending, nothing processed.</param>
/// <param name="IsReplay">Whether an earlier request with the same idempotency key was answered with it, and this one created nothing.</param>
public sealed record Submission(Batch Batch, bool IsReplay);

internal sealed class SubmitBatchValidator : AbstractValidator<SubmitBatch>
{
    public SubmitBatchValidator()
    {
        RuleFor(c => c.IdempotencyKey)
            .Length(1, SubmitBatch.IdempotencyKeyMaxLength)
            .OverridePropertyName("Idempotency-Key")
            .WithErrorCode("LENGTH")
            .WithMessage($"Idempotency-Key must have 1 to {SubmitBatch.IdempotencyKeyMaxLength} characters.");
        RuleFor(c => c.IdempotencyKey)
            .Must(key => key?.Contains('\0', StringComparison.Ordinal) != true) // PostgreSQL takes none in a text.
            .OverridePropertyName("Idempotency-Key")
            .WithErrorCode("INVALID")
            .WithMessage("Idempotency-Key must not contain the character U+0000.");
    }
}

internal sealed class SubmitBatchHandler(
    IPipelineRepository pipelines, IBatchRepository batches, IBatchIntake intake, IChunkSpoolFactory spools, BodyReader reader, IOptions<BatchOptions> limits, IIdGenerator ids, TimeProvider clock)
    : ICommandHandler<SubmitBatch, Result<Submission>>
{
    // Long enough for the slowest commit, short enough that the key of a request whose process died is soon free again.
    private static readonly TimeSpan ReservationLease = TimeSpan.FromSeconds(30);

    public async Task<Result<Submission>> Handle(SubmitBatch command, CancellationToken ct)
    {
        if (await pipelines.FindAsync(command.Owner, command.PipelineId, ct) is not { } pipeline) return PipelineErrors.NotFound(command.PipelineId);
        var format = SubmissionFormat.Of(command.ContentType, command.ContentEncoding);
        if (!format.IsSuccess) return format.Error;
        if (command.IdempotencyKey is not { } key) return await SubmitAsync(command, pipeline, format.Value, null, ct);

        var (reservation, answered) = await intake.ReserveAsync(pipeline.Id, key, ReservationLease, ct);
        if (answered is not null) return await ReplayAsync(command, format.Value, answered, ct);
        if (reservation is null) return BatchErrors.KeyInUse();
        var isAnswered = false;
        try
        {
            var submission = await SubmitAsync(command, pipeline, format.Value, reservation, ct);
            isAnswered = submission.IsSuccess;
            return submission;
        }
        finally
        {
            // Also when the client has gone away: its next attempt must not find the key in use.
            if (!isAnswered) await intake.ReleaseAsync(reservation, CancellationToken.None);
        }
    }

    private async Task<Result<Submission>> SubmitAsync(SubmitBatch command, Pipeline pipeline, SubmissionFormat format, IdempotencyReservation? reservation, CancellationToken ct)
    {
        // Before a long body is read in vain; what counts is decided with the pipeline locked.
        if (pipeline.EnsureAcceptsBatches().Error is { } refusal) return refusal;
        if ((await intake.ReadBacklogAsync(command.Owner, ct)).Check(limits.Value) is { } tooMuch) return tooMuch;

        await using var spool = await spools.CreateAsync(command.Owner, ct);
        if (spool is null) return BatchErrors.NoRoom();
        var extendedAt = clock.GetTimestamp();
        using var hash = reservation is null ? null : BodyReader.StartHash(format);
        if (await reader.ReadAsync(command.Body, format, spool, hash, ExtendAsync, ct) is { } refused) return refused;
        if (command.Allowance is { } allowance && await allowance.TakeAsync(spool.RecordCount, ct) is { } limited) return limited;
        if (reservation is not null) await intake.ExtendAsync(reservation, ReservationLease, ct);
        var batch = await intake.AcceptAsync(command.Owner, command.PipelineId, spool, reservation is null ? null : (reservation, hash!.GetHashAndReset()), Decide, ct);
        return batch.IsSuccess ? new Submission(batch.Value, IsReplay: false) : batch.Error;

        Result<Batch> Decide(Pipeline current, OwnerBacklog backlog) => backlog.Check(limits.Value) is { } refusal
            ? refusal
            : Batch.Submit(ids.NewId(), current, spool.RecordCount, retryOf: null, clock.GetUtcNow());

        async Task ExtendAsync()
        {
            if (reservation is null || clock.GetElapsedTime(extendedAt) < ReservationLease / 3) return;
            await intake.ExtendAsync(reservation, ReservationLease, ct);
            extendedAt = clock.GetTimestamp();
        }
    }

    private async Task<Result<Submission>> ReplayAsync(SubmitBatch command, SubmissionFormat format, IdempotentSubmission answered, CancellationToken ct)
    {
        using var hash = BodyReader.StartHash(format);
        if (await reader.HashAsync(command.Body, format, hash, ct) is { } refused) return refused;
        if (!hash.GetHashAndReset().AsSpan().SequenceEqual(answered.BodyHash)) return BatchErrors.KeyReused();
        return await batches.FindAsync(command.Owner, command.PipelineId, answered.BatchId, ct) is { } batch
            ? new Submission(batch.AsSubmitted(), IsReplay: true)
            : BatchErrors.NotFound(answered.BatchId);
    }
}
