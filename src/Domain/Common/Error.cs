namespace DataPipeline.Domain.Common;

/// <summary>What sort of refusal an <see cref="Error"/> is; the one thing a transport needs to know to answer it.</summary>
public enum ErrorKind
{
    /// <summary>The request itself is wrong; <see cref="Error.Details"/> says where.</summary>
    Validation,

    /// <summary>The caller has not shown who it is.</summary>
    Unauthenticated,

    /// <summary>The thing does not exist, or not for this owner: the two are never told apart.</summary>
    NotFound,

    /// <summary>The request is right but not in the present state.</summary>
    Conflict,

    /// <summary>The caller acted on a version that is no longer the current one.</summary>
    PreconditionFailed,

    /// <summary>The request, or what it asks for, exceeds a limit of size or work.</summary>
    TooLarge,

    /// <summary>The request contradicts an earlier one it claims to repeat.</summary>
    Unprocessable,

    /// <summary>The body is of a type or in an encoding that is not taken.</summary>
    UnsupportedMediaType,

    /// <summary>The caller has more work outstanding than is allowed; trying later helps.</summary>
    TooMany,

    /// <summary>The request took the caller too long to make.</summary>
    TooSlow,

    /// <summary>There is no room for the request at the moment, for reasons that are not the caller's; trying later helps.</summary>
    Unavailable,
}

/// <summary>One thing that is wrong, and where.</summary>
/// <param name="Field">Path of the offending value in the request, for example <c>config.processors[1].options.field</c>.</param>
/// <param name="Code">Stable, upper-case code of the rule that was broken, for example <c>REQUIRED</c>.</param>
/// <param name="Message">One sentence for a person.</param>
public sealed record ErrorDetail(string Field, string Code, string Message);

/// <summary>An expected refusal. A mistake of the caller is an <see cref="Error"/>; a fault of ours is an exception.</summary>
/// <param name="Kind">What sort of refusal it is.</param>
/// <param name="Code">Stable, upper-case code, part of the API's contract.</param>
/// <param name="Message">One sentence for a person; never internals.</param>
public sealed record Error(ErrorKind Kind, string Code, string Message)
{
    /// <summary>The single faults, in the order of the request; empty where the message says it all.</summary>
    public IReadOnlyList<ErrorDetail> Details { get; init; } = [];

    /// <summary>In what time trying again may help; <c>null</c> where that is not known, or waiting does not help.</summary>
    public TimeSpan? RetryAfter { get; init; }

    public static Error Validation(string message, params IReadOnlyList<ErrorDetail> details) => new(ErrorKind.Validation, "VALIDATION_FAILED", message) { Details = details };

    public static Error NotFound(string code, string message) => new(ErrorKind.NotFound, code, message);

    public static Error Conflict(string code, string message) => new(ErrorKind.Conflict, code, message);
}
