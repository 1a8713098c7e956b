using System.Buffers;
using DataPipeline.Application.Common;
using DataPipeline.Domain.Processing;

namespace DataPipeline.Application.Processing;

/// <summary>What a plugin answers is put into words and lengths that can be kept and shown.</summary>
internal static class PluginAnswer
{
    /// <summary>In place of a code that is none.</summary>
    internal const string NoCode = "PROCESSOR_FAILED";

    private const int MaxCodeLength = 64;
    private const int MaxPointerLength = 1_000;

    private static readonly SearchValues<char> CodeCharacters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_");

    /// <param name="answer">Anything but that the record goes on.</param>
    internal static ProcessorResult Clean(ProcessorResult answer)
    {
        if (answer.Outcome == ProcessorOutcome.Drop) return answer;
        var details = answer.Details.Select(detail => new FailureDetail(
            Excerpt.Of(detail.Field ?? "", MaxPointerLength), IsCode(detail.Code) ? detail.Code : NoCode, Excerpt.Of(detail.Message ?? "", RecordRunner.MaxMessageLength)));
        return IsCode(answer.Code)
            ? ProcessorResult.Fail(answer.Code!, answer.Message ?? "", [.. details])
            : ProcessorResult.Fail(NoCode, $"{Excerpt.Of(answer.Code ?? "", MaxCodeLength)}: {answer.Message}", [.. details]);
    }

    private static bool IsCode(string? code) => code is { Length: > 0 and <= MaxCodeLength } && !code.AsSpan().ContainsAnyExcept(CodeCharacters);
}
