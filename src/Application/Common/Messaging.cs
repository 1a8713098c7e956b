using DataPipeline.Domain.Common;
using MediatR;

namespace DataPipeline.Application.Common;

/// <summary>A use case that changes something.</summary>
public interface ICommand<out TOutcome> : IRequest<TOutcome>
    where TOutcome : IOutcome<TOutcome>;

/// <summary>A use case that only looks.</summary>
public interface IQuery<out TOutcome> : IRequest<TOutcome>
    where TOutcome : IOutcome<TOutcome>;

internal interface ICommandHandler<in TCommand, TOutcome> : IRequestHandler<TCommand, TOutcome>
    where TCommand : ICommand<TOutcome>
    where TOutcome : IOutcome<TOutcome>;

internal interface IQueryHandler<in TQuery, TOutcome> : IRequestHandler<TQuery, TOutcome>
    where TQuery : IQuery<TOutcome>
    where TOutcome : IOutcome<TOutcome>;
