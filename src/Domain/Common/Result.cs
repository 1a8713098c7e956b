using System.Diagnostics.CodeAnalysis;

namespace DataPipeline.Domain.Common;

/// <summary>What a use case may answer: lets a pipeline behavior make a failure of any outcome type without reflection.</summary>
/// <typeparam name="TSelf">The outcome type itself.</typeparam>
public interface IOutcome<out TSelf>
    where TSelf : IOutcome<TSelf>
{
    /// <summary>The refusal, or <c>null</c> on success.</summary>
    Error? Error { get; }

    /// <summary>An outcome that carries <paramref name="error"/>.</summary>
    static abstract TSelf Failure(Error error);
}

/// <summary>Success, or the <see cref="Common.Error"/> that prevented it. Immutable.</summary>
public sealed class Result : IOutcome<Result>
{
    public static readonly Result Success = new(null);

    private Result(Error? error) => Error = error;

    public Error? Error { get; }

    [MemberNotNullWhen(false, nameof(Error))]
    public bool IsSuccess => Error is null;

    public static Result Failure(Error error) => new(error);

    public static implicit operator Result(Error error) => new(error);
}

/// <summary>A value, or the <see cref="Common.Error"/> that prevented it. Immutable.</summary>
/// <typeparam name="T">The type of the value.</typeparam>
public sealed class Result<T> : IOutcome<Result<T>>
{
    private readonly T? _value;

    private Result(T? value, Error? error) => (_value, Error) = (value, error);

    public Error? Error { get; }

    [MemberNotNullWhen(false, nameof(Error))]
    public bool IsSuccess => Error is null;

    /// <exception cref="InvalidOperationException">The result is a failure: whoever asks has not looked.</exception>
    public T Value => IsSuccess ? _value! : throw new InvalidOperationException($"A failed result has no value: {Error.Code}.");

    /// <summary>For a value of an interface type, which does not convert by itself.</summary>
    public static Result<T> Success(T value) => new(value, null);

    public static Result<T> Failure(Error error) => new(default, error);

    public static implicit operator Result<T>(T value) => new(value, null);

    public static implicit operator Result<T>(Error error) => new(default, error);
}
