namespace DataPipeline.Domain.Processing;

/// <summary>Writes JSON pointers (RFC 6901).</summary>
internal static class JsonPointer
{
    /// <summary>The pointer to a property of what <paramref name="pointer"/> points to.</summary>
    /// <param name="pointer">Empty for the whole value.</param>
    internal static string Append(string pointer, string name) => $"{pointer}/{Escape(name)}";

    private static string Escape(string name) => name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);
}
