using System.Text.Json;
using DataPipeline.Domain.Processing;

namespace DataPipeline.Infrastructure.Persistence.Model;

/// <summary>The details of a failure as they are stored: a JSON array in ASCII, or <c>NULL</c> where there are none.</summary>
internal static class FailureDetails
{
    internal static string? ToText(IReadOnlyList<FailureDetail> details) => details.Count == 0 ? null : JsonSerializer.Serialize(details, JsonSerializerOptions.Web);

    internal static IReadOnlyList<FailureDetail> OfText(string? text) => text is null ? [] : JsonSerializer.Deserialize<FailureDetail[]>(text, JsonSerializerOptions.Web)!;
}
