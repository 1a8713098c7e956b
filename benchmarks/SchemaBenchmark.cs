using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using DataPipeline.Application.Processing;
using DataPipeline.Application.Processing.JsonSchema;
using DataPipeline.Domain.Processing;

namespace DataPipeline.Benchmarks;

/// <summary>What it costs to check a record against a schema, beside reading its text once: one core.</summary>
internal static class SchemaBenchmark
{
    private const int Runs = 11;

    private const string Order = """
        { "type": "object", "required": ["id", "placedAt", "status", "customer", "amount", "currency", "items"], "additionalProperties": false,
          "properties": {
            "id": { "type": "string", "minLength": 1, "maxLength": 20 }, "placedAt": { "format": "date-time" }, "status": { "enum": ["paid", "cancelled"] },
            "customer": { "type": "object", "required": ["id"], "properties": { "id": { "type": "integer", "minimum": 1 }, "name": { "type": "string" }, "email": { "type": "string" } } },
            "amount": { "type": "string" }, "currency": { "type": "string", "minLength": 3, "maxLength": 3 },
            "items": { "type": "array", "minItems": 1, "items": { "type": "object", "required": ["sku"], "properties": { "sku": { "type": "string" }, "quantity": { "type": "integer", "minimum": 1 } } } } } }
        """;

    internal static void Run()
    {
        var orders = Encoding.UTF8.GetString(Orders.AsNdJson(0, 4_000, bad: false)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Measure("an order", Order, orders[0], 50_000);
        Measure("4,000 orders in one record", $$"""{ "properties": { "orders": { "items": {{Order}} } } }""", $$"""{"orders":[{{string.Join(',', orders)}}]}""", 20);
        Measure("4,000 orders that are all wrong", """{ "properties": { "orders": { "items": { "required": ["none"] } } } }""", $$"""{"orders":[{{string.Join(',', orders)}}]}""", 20);
    }

    private static void Measure(string what, string schemaText, string text, int times)
    {
        var schema = new RecordSchema(JsonSchemaCompiler.Compile(JsonElement.Parse(schemaText), "schema").Value);
        var json = Encoding.UTF8.GetBytes(text);
        if (!Record.TryParse(json, out var record)) throw new InvalidOperationException("The record is no JSON.");
        var (reads, checks) = (new double[Runs], new double[Runs]);
        for (var run = -1; run < Runs; run++)
        {
            var read = Time(times, () => Read(json));
            var check = Time(times, () => schema.ViolationsOf(record));
            if (run >= 0) (reads[run], checks[run]) = (read, check);
        }

        Array.Sort(reads);
        Array.Sort(checks);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{what}, {json.Length} bytes: {checks[Runs / 2]:N0} ns, {checks[Runs / 2] / reads[Runs / 2]:F1} times reading it once; {json.Length / checks[Runs / 2] * 1e3:F0} MB/s"));
    }

    private static double Time(int times, Action action)
    {
        var started = Stopwatch.GetTimestamp();
        for (var i = 0; i < times; i++) action();
        return Stopwatch.GetElapsedTime(started).TotalNanoseconds / times;
    }

    private static void Read(byte[] json)
    {
        var reader = new Utf8JsonReader(json);
        while (reader.Read())
        {
        }
    }
}
