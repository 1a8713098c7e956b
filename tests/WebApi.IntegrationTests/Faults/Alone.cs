namespace DataPipeline.WebApi.IntegrationTests.Faults;

/// <summary>Tests of real processes against leases, time-outs and bounds of seconds: they run one after another when all others are done, since tests beside them would be a fault of its own.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
