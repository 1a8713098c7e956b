using System.Runtime.CompilerServices;
using Xunit.v3;

namespace DataPipeline.WebApi.IntegrationTests.Faults;

/// <summary>A test that takes tens of seconds: skipped unless <c>DATAPIPELINE_TEST_LONG</c> is set to 1, as <c>.ci/run</c> does in a step for those of the trait <c>Duration=Long</c>.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class LongFactAttribute : FactAttribute, ITraitAttribute
{
    private const string Variable = "DATAPIPELINE_TEST_LONG";

    public LongFactAttribute([CallerFilePath] string? sourceFilePath = null, [CallerLineNumber] int sourceLineNumber = -1)
        : base(sourceFilePath, sourceLineNumber)
    {
        Skip = $"Takes long: set {Variable}=1 to run it.";
        SkipUnless = nameof(AreWanted);
        SkipType = typeof(LongFactAttribute);
    }

    public static bool AreWanted => Environment.GetEnvironmentVariable(Variable) == "1";

    public IReadOnlyCollection<KeyValuePair<string, string>> GetTraits() => [new("Duration", "Long")];
}
