using System.Globalization;

namespace DataPipeline.Application.Processing.JsonSchema;

/// <summary>Numbers of things in words.</summary>
internal static class Counted
{
    internal static string AtLeast(long count, string one, string many) => $"at least {Exactly(count, one, many)}";

    internal static string UpTo(long count, string one, string many) => count == 0 ? $"no {one}" : $"at most {Exactly(count, one, many)}";

    private static string Exactly(long count, string one, string many) => string.Create(CultureInfo.InvariantCulture, $"{count} {(count == 1 ? one : many)}");
}
