using System.Text.Json.Serialization;
using DataPipeline.Domain.Common;

namespace DataPipeline.WebApi.Errors;

/// <summary>The body of every answer that is neither a success nor "not modified".</summary>
internal sealed record ErrorBody(ErrorContent Error);

/// <summary>Why a request was refused.</summary>
/// <param name="Code">Stable, upper-case code. Each operation names those of its answers; besides, a path that does not exist is ROUTE_NOT_FOUND, and a method that a path does not have METHOD_NOT_ALLOWED.</param>
/// <param name="Message">One sentence for a person.</param>
/// <param name="Details">What is wrong, one by one; left out where the message says it all.</param>
/// <param name="TraceId">W3C trace id of the request; it is in the logs too.</param>
internal sealed record ErrorContent(
    string Code, string Message, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<ErrorDetail>? Details, string TraceId);
