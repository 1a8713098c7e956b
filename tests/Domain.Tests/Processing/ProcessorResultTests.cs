using DataPipeline.Domain.Processing;

namespace DataPipeline.Domain.Tests.Processing;

public sealed class ProcessorResultTests
{
    private static readonly FailureDetail Detail = new("/a", "TYPE", "No.");

    [Fact]
    public void AFailure_CarriesItsDetails()
    {
        var details = new List<FailureDetail> { Detail };
        var result = ProcessorResult.Fail("BAD", "It is bad.", details);
        details.Clear();

        Assert.Equal((ProcessorOutcome.Fail, "BAD", "It is bad."), (result.Outcome, result.Code, result.Message));
        Assert.Equal([Detail], result.Details);
    }

    [Fact]
    public void Details_AreNeverNull()
    {
        Assert.Empty(ProcessorResult.Fail("BAD", "It is bad.").Details);
        Assert.Empty(ProcessorResult.Continue.Details);
        Assert.Empty(ProcessorResult.Drop.Details);
        Assert.Null(ProcessorResult.Terminate.Code);
    }

    [Fact]
    public void OfManyDetails_TheFirstAreKept() =>
        Assert.Equal(ProcessorResult.MaxDetails, ProcessorResult.Fail("BAD", "It is bad.", [.. Enumerable.Repeat(Detail, ProcessorResult.MaxDetails + 1)]).Details.Count);

    [Fact]
    public void AFailure_NeedsCodeMessageAndDetails()
    {
        Assert.ThrowsAny<ArgumentException>(() => ProcessorResult.Fail("", "It is bad."));
        Assert.ThrowsAny<ArgumentException>(() => ProcessorResult.Fail("BAD", null!));
        Assert.ThrowsAny<ArgumentException>(() => ProcessorResult.Fail("BAD", "It is bad.", null!));
        Assert.ThrowsAny<ArgumentException>(() => ProcessorResult.Fail("BAD", "It is bad.", [Detail, null!]));
    }
}
