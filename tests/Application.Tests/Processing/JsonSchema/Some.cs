using System.Text;
using System.Text.Json;
using DataPipeline.Application.Processing.JsonSchema;
using DataPipeline.Domain.Common;
using DataPipeline.Domain.Processing;

namespace DataPipeline.Application.Tests.Processing.JsonSchema;

internal static class Some
{
    internal static CompiledSchema Schema(string schema)
    {
        var result = Compile(schema);
        Assert.True(result.IsSuccess, string.Join('\n', result.Error?.Details ?? []));
        return result.Value;
    }

    internal static IReadOnlyList<ErrorDetail> Refusals(string schema)
    {
        var result = Compile(schema);
        Assert.False(result.IsSuccess, $"{schema} was not refused.");
        return result.Error.Details;
    }

    internal static RecordValue Value(string json)
    {
        Assert.True(RecordValue.TryParse(Encoding.UTF8.GetBytes(json), out var value), json);
        return value;
    }

    /// <summary>Checks values that are separated by " | ", both the quick way and the one that collects.</summary>
    internal static void Matches(string schema, string valid, string invalid)
    {
        var compiled = Schema(schema);
        foreach (var json in Split(valid))
        {
            Assert.True(compiled.IsValid(Value(json)), $"{schema} should take {json}: {string.Join('\n', compiled.Validate(Value(json)))}");
            Assert.Empty(compiled.Validate(Value(json)));
        }

        foreach (var json in Split(invalid))
        {
            Assert.False(compiled.IsValid(Value(json)), $"{schema} should refuse {json}");
            Assert.NotEmpty(compiled.Validate(Value(json)));
        }
    }

    private static Result<CompiledSchema> Compile(string schema)
    {
        using var document = JsonDocument.Parse(schema, new JsonDocumentOptions { MaxDepth = 1_000 });
        return JsonSchemaCompiler.Compile(document.RootElement, "schema");
    }

    private static string[] Split(string values) => values.Split(" | ", StringSplitOptions.RemoveEmptyEntries);
}
