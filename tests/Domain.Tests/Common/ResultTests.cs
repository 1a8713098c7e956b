using DataPipeline.Domain.Common;

namespace DataPipeline.Domain.Tests.Common;

public sealed class ResultTests
{
    private static readonly Error SomeError = Error.Conflict("SOMETHING", "Something is so.");

    [Fact]
    public void AValue_IsASuccess()
    {
        Result<int> result = 5;

        Assert.True(result.IsSuccess);
        Assert.Null(result.Error);
        Assert.Equal(5, result.Value);
    }

    [Fact]
    public void AnError_IsAFailureWithoutValue()
    {
        Result<int> result = SomeError;

        Assert.False(result.IsSuccess);
        Assert.Same(SomeError, result.Error);
        Assert.Throws<InvalidOperationException>(() => result.Value);
        Assert.Same(SomeError, Result<int>.Failure(SomeError).Error);
    }

    [Fact]
    public void AResultWithoutValue_SucceedsOrCarriesItsError()
    {
        Result failure = SomeError;

        Assert.True(Result.Success.IsSuccess);
        Assert.False(failure.IsSuccess);
        Assert.Same(SomeError, Result.Failure(SomeError).Error);
    }

    [Fact]
    public void AValidationError_CarriesItsDetailsInOrder()
    {
        var error = Error.Validation("Two things are wrong.", new ErrorDetail("a", "REQUIRED", "a is required."), new ErrorDetail("b", "REQUIRED", "b is required."));

        Assert.Equal(("VALIDATION_FAILED", ErrorKind.Validation), (error.Code, error.Kind));
        Assert.Equal(["a", "b"], error.Details.Select(d => d.Field));
    }
}
