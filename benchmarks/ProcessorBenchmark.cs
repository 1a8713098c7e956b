using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using DataPipeline.Application.Processing;
using DataPipeline.Domain.Processing;
using DataPipeline.Infrastructure.Processors;

namespace DataPipeline.Benchmarks;

/// <summary>
/// What a processor costs on a record of 300 bytes, beyond reading the record and writing it again: every example of the catalogue, some configurations
/// that take another way through their processor, and the frame alone.
/// </summary>
internal static class ProcessorBenchmark
{
    private const int RecordBytes = 300;
    private const int Records = 2_000;
    private const int Runs = 21;
    private static readonly TimeSpan Warmup = TimeSpan.FromMilliseconds(1_500);

    /// <summary>Stands before the fields that a case is about, which is where a search by name finds them last.</summary>
    private static readonly string Order = """{"id":"ord-000017","placedAt":"2026-01-01T08:01:59Z","status":"paid","channel":"web","currency":"eur","priority":3,"weight":12.40,"gift":false}""";

    private static readonly Case[] MoreCases =
    [
        new("remove, keep", """{ "type": "remove", "options": { "keep": ["id", "customer.name"] } }""", """{ "customer": { "name": "Ada", "email": "ada@example.com" } }"""),
        new("gsub, no match", """{ "type": "gsub", "options": { "field": "text", "pattern": "(foo|bar)+", "replacement": "" } }""", """{ "text": "the quick brown dog jumps over the lazy fox" }"""),
        new("gsub, groups", """{ "type": "gsub", "options": { "field": "text", "pattern": "(\\d+)-(\\d+)", "replacement": "$2-$1" } }""", """{ "text": "12-34" }"""),
        new("redact, no match", """{ "type": "redact", "options": { "field": "text", "patterns": ["EMAIL", "IPV4", "CREDIT_CARD", "IBAN", "PHONE"] } }""", """{ "text": "the quick brown dog jumps over the lazy fox" }"""),
        new("date, ISO 8601", """{ "type": "date", "options": { "field": "at", "formats": ["ISO8601"] } }""", """{ "at": "2025-12-24T18:30:00+01:00" }"""),
        new("date, UNIX", """{ "type": "date", "options": { "field": "at", "formats": ["UNIX"] } }""", """{ "at": 1766597400 }"""),
        new("condition, matches", """{ "type": "drop", "if": { "field": "text", "matches": "^ord-[0-9]{7}$" } }""", """{ "text": "ord-000017" }"""),
        new("ten conditions", string.Join(',', Enumerable.Repeat("""{ "type": "drop", "if": { "field": "status", "equals": "cancelled" } }""", 10)), "{}"),
    ];

    /// <param name="type">The one type to measure; <c>null</c> for all.</param>
    internal static void Run(string? type)
    {
        var processors = new BuiltInProcessors();
        var examples = processors.Types.Values.OrderBy(t => t.Type, StringComparer.Ordinal).Select(t => new Case(t.Type, t.Example!.Configuration.GetRawText(), t.Example.Record!.Value.GetRawText()));
        var compiler = new PipelineCompiler(processors, new NoDestinations());
        foreach (var (name, configuration, fields) in examples.Concat(MoreCases).Where(c => type is null || c.Name.StartsWith(type, StringComparison.Ordinal)))
        {
            var config = JsonElement.Parse($$"""{"source":{"type":"api"},"processors":[{{configuration}}],"destination":{"type":"store"} }""");
            using var pipeline = compiler.Compile(config).Value;
            var record = RecordOf(fields);
            var (alone, with) = (new List<Sample>(), new List<Sample>());
            for (var begun = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(begun) < Warmup;) Measure(pipeline.Steps, record);
            for (var run = 0; run < Runs; run++)
            {
                alone.Add(Measure([], record));
                with.Add(Measure(pipeline.Steps, record));
            }

            var (baseline, whole) = (Median(alone, s => s.Nanoseconds), Median(with, s => s.Nanoseconds));
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{name,-20} {whole - baseline,8:N0} ns {Median(with, s => s.Bytes) - Median(alone, s => s.Bytes),8:N0} bytes, {(whole - baseline) / baseline,6:F2} of reading and writing {record.Length} bytes ({baseline:N0} ns)"));
        }
    }

    private static Sample Measure(CompiledStep[] steps, byte[] json)
    {
        var output = new ArrayBufferWriter<byte>(json.Length * 4);
        var record = new Record();
        var context = new ProcessorContext(TimeProvider.System);
        var bytes = GC.GetAllocatedBytesForCurrentThread();
        var begun = Stopwatch.GetTimestamp();
        for (var i = 0; i < Records; i++)
        {
            record.TryReparse(json);
            context.MoveTo(i);
            var run = RecordRunner.RunAsync(steps, record, context, null, null, CancellationToken.None);
            if (!run.IsCompletedSuccessfully) throw new InvalidOperationException("The built-in processors do not wait.");
            if (run.Result.Ending == Ending.Failed) continue;
            output.ResetWrittenCount();
            record.WriteTo(output);
        }

        var elapsed = Stopwatch.GetElapsedTime(begun);
        return new Sample(elapsed.TotalNanoseconds / Records, (GC.GetAllocatedBytesForCurrentThread() - bytes) / (double)Records);
    }

    /// <summary>The order, the fields, and between them a text as long as it takes.</summary>
    private static byte[] RecordOf(string fields)
    {
        var record = JsonNode.Parse(Order)!.AsObject();
        var own = JsonNode.Parse(fields)!.AsObject();
        foreach (var (name, _) in own) record.Remove(name);
        record["comment"] = "";
        foreach (var (name, value) in own) record[name] = value?.DeepClone();
        record["comment"] = new string('x', Math.Max(0, RecordBytes - Encoding.UTF8.GetByteCount(Compact(record))));
        return Encoding.UTF8.GetBytes(Compact(record));
    }

    private static string Compact(JsonObject record) => record.ToJsonString(new JsonSerializerOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    private static double Median(List<Sample> samples, Func<Sample, double> of) => samples.Select(of).ToList().Median();

    private sealed record Case(string Name, string Configuration, string Record);

    private readonly record struct Sample(double Nanoseconds, double Bytes);
}
