using System.Diagnostics;
using System.Text;
using DataPipeline.Application.Tests.Processing;
using DataPipeline.Domain.Processing;
using DataPipeline.Infrastructure.Processors;
using Record = DataPipeline.Domain.Processing.Record;

namespace DataPipeline.Application.Tests.Processors;

/// <summary>What people write in scripts, and what they must not get away with: the files in <c>Scripts</c>.</summary>
public sealed class ScriptCorpusTests
{
    /// <summary>What one script may allocate beyond what it is allowed, before it is noticed.</summary>
    private const long MaxAllocatedBytes = 96 * 1_024 * 1_024;

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    private static readonly Dictionary<string, ScriptCase> UsefulScripts = ScriptCase.AllIn("useful").ToDictionary(script => script.Name, StringComparer.Ordinal);

    private static readonly Dictionary<string, ScriptCase> HostileScripts = ScriptCase.AllIn("hostile").ToDictionary(script => script.Name, StringComparer.Ordinal);

    public static TheoryData<string> Useful => [.. UsefulScripts.Keys];

    public static TheoryData<string> Hostile => [.. HostileScripts.Keys];

    [Theory]
    [MemberData(nameof(Useful))]
    public void WhatPeopleWrite_Works(string name)
    {
        var script = UsefulScripts[name];
        Assert.Equal(script.Expected, Run(script, ScriptProgram.TryPrepare(script.Source, out var error) ?? throw new InvalidOperationException(error), WithoutClock()));
    }

    /// <summary>Where a script is looked after closely, calls are written between its steps. They change nothing of what it does.</summary>
    [Theory]
    [MemberData(nameof(Useful))]
    public void WhatPeopleWrite_WorksToo_WhenTheLimitsAreLookedAtAfterEachStep(string name)
    {
        var script = UsefulScripts[name];
        var program = ScriptProgram.TryPrepare(script.Source, out var error, stepsBetweenLooks: 1) ?? throw new InvalidOperationException(error);
        Assert.Equal(script.Expected, Run(script, program, WithoutClock()));
    }

    [Theory]
    [MemberData(nameof(Hostile))]
    public void WhatNobodyShouldWrite_HurtsNothingButItsRecord(string name)
    {
        var script = HostileScripts[name];
        var options = new ScriptOptions { Source = script.Source };
        if (options.Validate().FirstOrDefault() is { } problem)
        {
            Assert.StartsWith(script.Expected, problem.Code, StringComparison.Ordinal);
            return;
        }

        // Only what has to be stopped by the clock is run against it: the machine may be busy with other tests.
        var limits = script.Expected is "SCRIPT_" or "SCRIPT_TIMEOUT" ? new ScriptLimits() : WithoutClock();
        var before = GC.GetAllocatedBytesForCurrentThread();
        var clock = Stopwatch.StartNew();
        var outcome = Run(script, options.Program!, limits);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, MaxAllocatedBytes);
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, Deadline);
        Assert.StartsWith(script.Expected, outcome, StringComparison.Ordinal);
    }

    private static ScriptLimits WithoutClock() => new() { TimeoutMilliseconds = (int)Deadline.TotalMilliseconds };

    private static string Run(ScriptCase script, ScriptProgram program, ScriptLimits limits)
    {
        Assert.True(RecordValue.TryParse("""{ "rates": { "EUR": 1.10 }, "list": ["DE", "FR"] }"""u8.ToArray(), out var parameters));
        Assert.True(Record.TryParse(Encoding.UTF8.GetBytes(script.Record), out var record));
        var result = new ScriptProcessor(program, parameters, limits).Process(record, new ProcessorContext(TimeProvider.System));
        if (result.Outcome == ProcessorOutcome.Drop) return "dropped";
        if (result.Outcome == ProcessorOutcome.Continue) return Engine.Json(record);
        Assert.Equal(script.Record, Engine.Json(record));
        return $"{result.Code} {result.Message}";
    }
}
