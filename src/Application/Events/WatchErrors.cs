using System.Globalization;
using DataPipeline.Domain.Common;

namespace DataPipeline.Application.Events;

/// <summary>Why a stream of events is refused, beside what is watched not being there.</summary>
public static class WatchErrors
{
    public static Error TooMany(int limit) => new(ErrorKind.TooMany, "TOO_MANY_EVENT_STREAMS", string.Create(CultureInfo.InvariantCulture, $"{limit} streams of events are open already; open another when one has ended."));

    public static Error NoRoom() => new(ErrorKind.Unavailable, "SERVICE_UNAVAILABLE", "Too many streams of events are open at the moment; try again in a few seconds.");

    public static Error UnknownId() => Error.Validation("The request is not valid.", new ErrorDetail("Last-Event-ID", "INVALID", "Last-Event-ID must be the id of an event of this stream."));
}
